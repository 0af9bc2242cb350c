import { describe, expect, it } from 'vitest';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeadLetter, Decision } from '../../../../../schemas/decision.ts';
import { writeReport } from '../../../../../infra/sinks/report/report.ts';
import { labelText } from '../../../../../infra/sinks/report/tally/labels.ts';
import { makeDecisions, memoryReader, RUN } from '../../../../support/reader.ts';
import { emptyFolder, island, written } from './written.ts';
import { someAlert } from '../../../../support/alerts.ts';

const DEAD: DeadLetter[] = [
  { seq: 300, id: 'north/half.jpg', code: 'SLUICE_E_IMAGE_CORRUPT', cause: 'The file ends in the middle of a block.' },
  { seq: 301, id: 'north/none.jpg', code: 'SLUICE_E_IMAGE_EMPTY', cause: 'The file holds no bytes.' },
  { seq: 302, id: 'south/half.jpg', code: 'SLUICE_E_IMAGE_CORRUPT', cause: 'The file ends in the middle of a block.' },
];

function mainOf(html: string): string {
  return html.slice(html.indexOf('<main'), html.indexOf('</main>'));
}

function sum(decisions: readonly Decision[], test: (d: Decision) => boolean): number {
  return decisions.filter(test).length;
}

describe('writeReport', () => {
  it('counts what the reader gives, for eyes and machines alike', async () => {
    const decisions = await makeDecisions({ items: 300 });
    const { summary, counts } = await written(memoryReader({ decisions, dead: DEAD, unspent: 4 }));
    const admitted = sum(decisions, (d) => d.verdict === 'admit');
    expect(summary).toMatchObject({ decided: 300, admitted, rejected: 300 - admitted, dead: 3, unspent: 4, promised: 75 });
    for (const key of ['decided', 'admitted', 'rejected', 'dead', 'unspent'] as const) expect(counts.get(key)).toBe(summary[key]);
    const codes = new Set(decisions.map((d) => d.reasons[0]?.code ?? ''));
    expect(Object.keys(summary.reasons).sort()).toEqual([...codes].sort());
    for (const code of codes) {
      const n = sum(decisions, (d) => d.reasons[0]?.code === code);
      expect(summary.reasons[code]).toBe(n);
      expect((counts.get(`kept:${code}`) ?? 0) + (counts.get(`left:${code}`) ?? 0)).toBe(n);
    }
    for (const stream of ['north', 'south', 'yard']) {
      const of = decisions.filter((d) => d.stream === stream);
      expect(summary.streams[stream]).toEqual({ decided: of.length, admitted: sum(of, (d) => d.verdict === 'admit') });
      expect(counts.get(`stream:${stream}`)).toBe(of.length);
    }
    expect(counts.get('dead:SLUICE_E_IMAGE_CORRUPT')).toBe(2);
    expect(counts.get('classes')).toBe(new Set(decisions.filter((d) => d.verdict === 'admit').map((d) => d.label)).size);
  });

  it('counts bad annotations by code with their places, and says nothing where there are none', async () => {
    const decisions = await makeDecisions({ items: 3 });
    const faults = [
      { id: null, seq: null, code: 'SLUICE_E_ANNOTATION_IMAGE', count: 2, causes: ['of <b>nobody</b>'] },
      ...[0, 1].map((seq) => ({ id: `${seq}.jpg`, seq, code: 'SLUICE_E_ANNOTATION_BOX', count: 40, causes: [`annotations[${seq}].bbox`] })),
    ];
    const { html, counts } = await written(memoryReader({ decisions, faults }));
    expect([...counts].filter(([key]) => key.startsWith('fault:'))).toEqual([['fault:SLUICE_E_ANNOTATION_BOX', 80], ['fault:SLUICE_E_ANNOTATION_IMAGE', 2]]);
    for (const text of ['82 annotations were left out', 'annotations[0].bbox', 'of &lt;b&gt;nobody', 'sluice faults /out/run --json', 'href="#annotations"']) expect(html).toContain(text);
    expect((await written(memoryReader({ decisions }))).html).not.toContain('#annotations');
  });

  it('holds what was kept against what the budget promised: a share, a rate, one that was changed', async () => {
    const decisions = await makeDecisions({ items: 40 });
    const admitted = sum(decisions, (d) => d.verdict === 'admit');
    const of = async (...budgets: readonly { readonly budget: string; readonly per?: 'stream' }[]) => {
      const { html, summary } = await written(memoryReader({ decisions, unspent: 3, runs: budgets.map((part, seq) => ({ seq, config: { ...RUN, ...part } })) }));
      return { promised: summary.promised, tile: / · ([\d,]+) promised/.exec(html)?.[1], lead: /keeps to a budget(.*?)\. This page/.exec(mainOf(html))?.[1] };
    };
    expect(await of({ budget: '0.5' })).toEqual({ promised: 20, tile: '20', lead: ' of 50.0 % of the stream' });
    expect(await of({ budget: '12/hour' }, { budget: '12/hour' })).toEqual({ promised: admitted + 3, tile: String(admitted + 3), lead: ' of 12 images an hour' });
    expect(await of({ budget: '12/hour' }, { budget: '0.5' })).toMatchObject({ promised: null, tile: undefined });
    expect(await of({ budget: '0.5', per: 'stream' })).toMatchObject({ promised: null, lead: ' of 50.0 % of each stream' });
  });

  it('is the same, byte for byte, for the same folder: anew, again, and elsewhere', async () => {
    const decisions = await makeDecisions({ items: 150, every: 60_000 });
    const first = await written(memoryReader({ decisions, dead: DEAD }));
    const again = await written(memoryReader({ decisions, dead: DEAD }), first.dir);
    const elsewhere = await written(memoryReader({ decisions: decisions.toReversed(), dead: DEAD }));
    expect(again.html === first.html).toBe(true);
    expect(elsewhere.html === first.html).toBe(true);
    expect(readFileSync(join(elsewhere.dir, 'projection.json')).equals(readFileSync(join(first.dir, 'projection.json')))).toBe(true);
  });

  it('writes the report and its projection, and leaves nothing else behind', async () => {
    const { dir } = await written(memoryReader({ decisions: await makeDecisions({ items: 5 }) }));
    expect(readdirSync(dir).sort()).toEqual(['projection.json', 'report.html']);
    const without = emptyFolder();
    await writeReport(memoryReader({ decisions: await makeDecisions({ items: 5 }) }), join(without, 'r.html'), { projection: null });
    expect(readdirSync(without)).toEqual(['r.html']);
  });

  it('asks for nothing outside itself', async () => {
    const { html } = await written(memoryReader({ decisions: await makeDecisions({ items: 20 }) }));
    expect(html).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'sha256-`);
    const links = [...html.matchAll(/\s(?:src|href|srcset|action|poster)="([^"]*)"/g)].map((m) => m[1] ?? '');
    expect(links.length).toBeGreaterThan(8);
    expect(links.filter((link) => !link.startsWith('#') && !link.startsWith('data:'))).toEqual([]);
    expect(html).not.toMatch(/@import|url\(|\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon|import\(/);
  });

  it('says so where nothing was decided', async () => {
    const { html, summary, counts } = await written(memoryReader({ runs: [] }));
    expect(html).toContain('Nothing was decided yet');
    expect(summary).toEqual({ decided: 0, admitted: 0, rejected: 0, dead: 0, unspent: 0, promised: null, reasons: {}, streams: {} });
    expect(counts.get('decided')).toBe(0);
    expect(mainOf(html)).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('tells of one item', async () => {
    const [decision] = await makeDecisions({ items: 1 });
    if (decision === undefined) throw new Error('no item was made');
    const { html, summary } = await written(memoryReader({ decisions: [decision] }));
    expect(summary.decided).toBe(1);
    expect(Object.keys(JSON.parse(island(html, 'thumbs')) as object)).toEqual([String(decision.seq)]);
    expect(mainOf(html)).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('tells of dead letters alone, by code, and how many are not listed', async () => {
    const dead = Array.from({ length: 100 }, (_, seq) => ({ seq, id: `f${seq}`, code: seq >= 10 ? 'SLUICE_E_IMAGE_CORRUPT' : 'SLUICE_E_OF_ANOTHER_VERSION', cause: 'broken' }));
    const { html, summary, counts } = await written(memoryReader({ dead }));
    expect(summary).toMatchObject({ decided: 0, dead: 100 });
    expect(counts.get('dead:SLUICE_E_IMAGE_CORRUPT')).toBe(90);
    expect(counts.get('dead:SLUICE_E_OF_ANOTHER_VERSION')).toBe(10);
    expect([...counts.keys()].filter((key) => key.startsWith('dead:'))).toEqual(['dead:SLUICE_E_IMAGE_CORRUPT', 'dead:SLUICE_E_OF_ANOTHER_VERSION']);
    expect(html).toContain('The image could not be decoded: it is truncated or damaged.');
    expect(html).toContain('The first 40 of 90.');
    expect(html).toContain('50 more are not listed here');
  });

  it('shows each configuration where it changed, and the budget in force', async () => {
    const decisions = await makeDecisions({ items: 30 });
    const runs = [{ seq: 0, config: RUN }, { seq: 12, config: { ...RUN, budget: '60/hour', seed: 8 } }];
    const { html } = await written(memoryReader({ decisions, runs }));
    expect(html).toContain('The configuration changed once during the run.');
    expect(html).toContain('from item 12');
    expect(html).toContain('<td class="changed">60/hour</td>');
    expect(html).toContain('<td>train</td>');
    expect(html).toContain('a budget of 60 images an hour');
  });

  it('uses the latest suspicion, and shows the label of the nearest kept image', async () => {
    const decisions = await makeDecisions({ items: 60 });
    const seq = decisions.find((d) => d.nearest !== null && d.seq > 30)?.seq ?? -1;
    const { html } = await written(memoryReader({ decisions, amended: new Map([[seq, 0.9876]]) }));
    const cards = html.split('<li class="card suspect"').slice(1);
    const card = cards.find((text) => text.includes(`data-seq="${seq}"`)) ?? '';
    expect(card).toContain('<b>0.99</b>');
    const nearest = decisions.find((d) => d.id === decisions[seq]?.nearest?.id);
    expect(card).toContain(`data-seq="${nearest?.seq}"`);
    expect(card).toContain(`<b>${labelText(nearest?.label ?? null)}</b>`);
  });

  it('tells of many clusters from rare to dense, and of how many it does not', async () => {
    const decisions = (await makeDecisions({ items: 2000, kinds: 4 })).map((d) => ({ ...d, cluster: d.seq < 600 ? d.seq : 1000 }));
    const { html } = await written(memoryReader({ decisions }));
    expect(html.match(/<li class="card cluster/g)).toHaveLength(240);
    expect(html).toContain('361 more of middling size');
    expect(html.lastIndexOf('<li class="card cluster')).toBeLessThan(html.indexOf('<h3>Cluster 1000</h3>'));
    expect(html).toMatch(/<th scope="row">seen once<\/th><td>600<\/td><td>600<\/td>/);
    expect(html).toMatch(/1,024 to 2,047 images<\/th><td>1<\/td><td>1,400<\/td>/);
  });

  it('says why no label was doubted', async () => {
    const unjudged = (await makeDecisions({ items: 10 })).map((d) => ({ ...d, suspicion: null, review: false }));
    const hidden = [{ seq: 0, config: { ...RUN, reveal: 'never' } }];
    expect((await written(memoryReader({ decisions: unjudged, runs: hidden }))).html).toContain('not shown to Sluice in this run');
    expect((await written(memoryReader({ decisions: unjudged }))).html).toContain('that was not yet the case');
    expect((await written(memoryReader({ decisions: await makeDecisions({ items: 10, labels: false }) }))).html).toContain('No labels were given');
  });

  it('shows alerts with their exemplars, and keeps silent where there are none', async () => {
    const decisions = await makeDecisions({ items: 40 });
    const alert = someAlert({ cluster: 3, seq: 30, support: 4.25, exemplars: [decisions[7]?.id ?? '', 'gone.jpg'] });
    const { html } = await written(memoryReader({ decisions, alerts: [alert] }));
    const section = html.slice(html.indexOf('<section id="alerts"'), html.indexOf('<section id="how"'));
    expect(section).toContain('Something new');
    expect([...section.matchAll(/data-seq="(\d+)"/g)].map((m) => m[1])).toEqual(['7']);
    expect((await written(memoryReader({ decisions }))).html).not.toContain('<section id="alerts"');
  });
});
