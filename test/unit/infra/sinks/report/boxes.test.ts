import { describe, expect, it } from 'vitest';
import { MOST_OF_IMAGE } from '../../../../../infra/sinks/report/card-objects.ts';
import { Boxes } from '../../../../../infra/sinks/report/tally/boxes.ts';
import type { ObjectFinding, Reason } from '../../../../../schemas/decision.ts';
import { makeDecisions, memoryReader, RUN, type Pictured } from '../../../../support/reader.ts';
import { island, written } from './written.ts';

function found(index: number, changes: Partial<ObjectFinding> = {}): ObjectFinding {
  return { index, class: 'cat', bbox: [64, 48, 320, 240], cluster: 1, share: 0.1, suspicion: 0.1, suggested: 'cat', faults: [], ...changes };
}

const BAR: Reason = { code: 'suspicion', value: 0.9, threshold: 0.5 };

/** Decisions of 640 x 480 pixels with these objects each, in order. */
async function withObjects(lists: readonly (readonly ObjectFinding[])[], reasons: readonly Reason[] = [{ code: 'above_cut', value: 2, threshold: 1 }, BAR]): Promise<readonly Pictured[]> {
  return (await makeDecisions({ items: lists.length })).map((d) => ({ ...d, verdict: 'admit', reasons, objects: lists[d.seq] ?? [] }));
}

interface Cards {
  readonly classes: readonly string[];
  readonly marks: readonly string[];
  readonly of: Readonly<Record<string, { readonly all: number; readonly rows: readonly (readonly [number, number, readonly number[] | null, number | null, number, readonly number[]])[] }>>;
}

function cardsOf(html: string): Cards {
  return JSON.parse(island(html, 'objects')) as Cards;
}

function sectionOf(html: string): string {
  const start = html.indexOf('<section id="boxes"');
  return start < 0 ? '' : html.slice(start, html.indexOf('</section>', start));
}

describe('the tally of boxes', () => {
  it('keeps the most suspicious over all images, and of each fault the first', async () => {
    const decisions = await withObjects([
      [found(0, { suspicion: 0.2 }), found(1, { suspicion: 0.9 }), found(2, { suspicion: null, cluster: null, share: null, suggested: null, faults: ['outside', 'duplicate'] })],
      [found(0, { suspicion: 0.6, faults: ['duplicate'] }), found(1, { suspicion: 0.9 })],
      [found(0, { suspicion: 0.5, faults: ['duplicate'] })],
    ]);
    const boxes = new Boxes(3, 2);
    for (const decision of memoryReader({ decisions }).decisions()) boxes.add(decision);
    expect(boxes.list().map(({ seq, object }) => [seq, object.index])).toEqual([[0, 1], [1, 1], [1, 0]]);
    expect(boxes).toMatchObject({ looked: 5, review: 4, any: true });
    expect([...boxes.faults].map(([fault, { count, first }]) => [fault, count, first.map(({ seq, object }) => [seq, object.index])])).toEqual([['outside', 1, [[0, 2]]], ['duplicate', 3, [[0, 2], [1, 0]]], ['implausible', 0, []], ['background', 0, []], ['mislocated', 0, []], ['overlooked', 0, []]]);
  });

  it('marks for review by the bar of each verdict', async () => {
    const strict = await withObjects([[found(0, { suspicion: 0.3 })]], [{ ...BAR, threshold: 0.2 }]);
    const without = await withObjects([[found(0, { suspicion: 0.99 })]], [{ code: 'above_cut', value: 2, threshold: 1 }]);
    const review = [strict, without].map((decisions) => {
      const boxes = new Boxes(3, 3);
      for (const decision of memoryReader({ decisions }).decisions()) boxes.add(decision);
      return boxes.review;
    });
    expect(review).toEqual([1, 0]);
  });
});

describe('boxes that look wrong', () => {
  it('are counted and shown with their box, the class given and the one suggested', async () => {
    const decisions = await withObjects([
      [found(0, { suspicion: 0.93, suggested: 'dog' }), found(1, { faults: ['outside'], bbox: [-500, 0, 100, 100] })],
      [found(0, { faults: ['duplicate', 'implausible'] })],
    ]);
    const { html, counts } = await written(memoryReader({ decisions }));
    const section = sectionOf(html);
    expect([...counts].filter(([key]) => /^(objects|box:)/.test(key))).toEqual([['objects', 3], ['objects:review', 1], ['box:outside', 1], ['box:duplicate', 1], ['box:implausible', 1]]);
    const cards = section.split('<li class="card suspect"').slice(1);
    const [first = '', outside = ''] = cards;
    for (const text of ['<b>cat</b>', '<small>looks more like</small><b class="better">dog</b>', '<b>0.93</b>', 'review</span>', 'kept</span>', `${decisions[0]?.id} · object 0`]) expect(first).toContain(text);
    expect(first).toContain('<i class="box" style="left:10.0%;top:10.0%;width:50.0%;height:50.0%"></i>');
    for (const text of ['partly outside of the picture', 'nothing of it lies in the part shown', `${decisions[0]?.id} · object 1`]) expect(outside).toContain(text);
    expect(outside).not.toContain('class="box"');
    expect(outside).not.toContain('looks more like');
    // One in review, three with faults, and two that are below the mark.
    expect(cards).toHaveLength(6);
    expect(html).toContain('href="#boxes"');
    expect(html.indexOf('<section id="labels"')).toBeLessThan(html.indexOf('<section id="boxes"'));
  });

  it('are drawn on what a centre crop leaves of the picture', async () => {
    const decisions = await withObjects([[found(0, { suspicion: 0.9, bbox: [200, 120, 240, 240] })]]);
    const { html } = await written(memoryReader({ decisions, runs: [{ seq: 0, config: { ...RUN, fit: 'crop' } }] }));
    expect(sectionOf(html)).toContain('style="left:25.0%;top:25.0%;width:50.0%;height:50.0%"');
    expect(cardsOf(html).of['0']?.rows[0]?.[2]).toEqual([250, 250, 500, 500]);
  });

  it('are no section where no objects were looked at', async () => {
    const { html } = await written(memoryReader({ decisions: await makeDecisions({ items: 5 }) }));
    expect(sectionOf(html)).toBe('');
    expect(html).not.toContain('href="#boxes"');
    expect(cardsOf(html)).toMatchObject({ classes: [], of: {} });
  });

  it('are bounded, and what is not shown is said', async () => {
    const decisions = await withObjects([Array.from({ length: 200 }, (_, i) => found(i, { suspicion: 0.9, faults: ['duplicate'] }))]);
    const { html, counts } = await written(memoryReader({ decisions }));
    expect(sectionOf(html).match(/<li class="card suspect"/g)).toHaveLength(60 + 24);
    for (const text of ['The 60 most doubtful are shown', '200 boxes drawn twice; the first 24 are shown']) expect(sectionOf(html)).toContain(text);
    expect(counts.get('objects:review')).toBe(200);
  });
});

describe('the objects of a card', () => {
  const reasons: readonly Reason[] = [{ code: 'reserve', value: 3, threshold: 1 }, { code: 'object_share', value: 0.01, threshold: 0.02, object: 11 }, { code: 'class_need', value: 1, threshold: 0.4, object: 3 }, BAR];
  const list = Array.from({ length: 12 }, (_, i) => found(i, { suspicion: i / 100, ...(i === 5 ? { suspicion: 0.8, suggested: 'dog' } : {}), ...(i === 2 ? { faults: ['duplicate'] as const } : {}), ...(i === 10 ? { suggested: 'hen' } : {}) }));

  it('are the decisive ones, then those with something wrong, then the most suspicious, with their number', async () => {
    const { html } = await written(memoryReader({ decisions: await withObjects([list], reasons) }));
    const { of, marks, classes } = cardsOf(html);
    expect(of['0']?.all).toBe(12);
    expect(of['0']?.rows.map(([index]) => index)).toEqual([11, 3, 5, 2, 10, 9, 8, 7]);
    expect(of['0']?.rows).toHaveLength(MOST_OF_IMAGE);
    expect(classes).toEqual(['cat', 'dog']);
    expect(of['0']?.rows.slice(0, 5).map(([, kind, , suspicion, suggested, said]) => [classes[kind], suspicion, classes[suggested] ?? null, said.map((mark) => marks[mark])])).toEqual([
      ['cat', 0.11, null, ['rarest kind of object here']],
      ['cat', 0.03, null, ['class most needed here']],
      ['cat', 0.8, 'dog', ['for review']],
      ['cat', 0.02, null, ['drawn twice']],
      ['cat', 0.1, null, []],
    ]);
  });

  it('decided nothing where the image was left out', async () => {
    const decisions = (await withObjects([list], reasons)).map((d): Pictured => ({ ...d, verdict: 'reject' }));
    const { of } = cardsOf((await written(memoryReader({ decisions }))).html);
    expect(of['0']?.rows.slice(0, 2).map(([index]) => index)).toEqual([5, 2]);
  });

  it('are in the file only for pictures that are, and stay small', async () => {
    const many = await withObjects(Array.from({ length: 4200 }, () => list), reasons);
    const decisions = many.map((d): Pictured => {
      const { thumbnail, ...rest } = d;
      return d.seq % 3 === 0 || thumbnail === undefined ? rest : { ...rest, thumbnail };
    });
    const { html } = await written(memoryReader({ decisions }));
    const seqs = Object.keys(cardsOf(html).of);
    expect(seqs).toEqual(Object.keys(JSON.parse(island(html, 'thumbs')) as object));
    expect(seqs.length).toBeGreaterThan(1000);
    expect(island(html, 'objects').length / seqs.length).toBeLessThan(45 * MOST_OF_IMAGE);
  }, 30_000);
});
