import { describe, expect, test } from 'vitest';
import { summaryLines, workLine } from '../../../../pipelines/commands/summary.ts';
import { ERRORS } from '../../../../schemas/errors.ts';
import type { Decision } from '../../../../schemas/decision.ts';
import { makeDecisions, memoryReader } from '../../../support/reader.ts';
import { someAlert } from '../../../support/alerts.ts';

const made = await makeDecisions({ items: 30, labels: false });

/** The first decisions made, with what a test is about. */
function decisions(parts: readonly Partial<Decision>[]): Decision[] {
  return parts.map((part, seq) => ({ ...(made[seq] as Decision), seq, id: `${seq}.jpg`, cluster: 100 + seq, ...part }));
}

const reason = (code: string): Pick<Decision, 'reasons'> => ({ reasons: [{ code, value: 1, threshold: 1 }, { code: 'novelty', value: 1, threshold: 1 }] });
const kept = { verdict: 'admit', ...reason('above_cut') } as const;
const left = { verdict: 'reject', ...reason('near_duplicate') } as const;

/** The lines of one section, without its title. */
function section(lines: readonly string[], title: string): readonly string[] {
  const from = lines.indexOf(title);
  if (from < 0) return [];
  const end = lines.indexOf('', from);
  return lines.slice(from + 1, end < 0 ? undefined : end);
}

test('the work of the model: images, and objects where there were any', () => {
  expect(workLine({ embedded: 80, objects: 572, seconds: 12.34 })).toBe('80 images and 572 crops of them embedded in 12.3 s');
  expect(workLine({ embedded: 1, objects: 0, seconds: 0 })).toBe('1 image embedded in 0.0 s');
});

describe('summaryLines', () => {
  test('nothing decided: one line', () => {
    expect(summaryLines(memoryReader({}))).toEqual(['0 inputs: 0 decided, 0 kept (0.0 %), 0 left out, 0 bad files; the budget promised 0, 0 unspent']);
  });

  test('bad annotations by code, the most frequent first, and images without any; nothing where there are none', () => {
    const faults = [
      { id: null, seq: null, code: 'SLUICE_E_ANNOTATION_IMAGE', count: 3, causes: [] },
      { id: '0.jpg', seq: 0, code: 'SLUICE_E_ANNOTATION_BOX', count: 12, causes: [] },
    ];
    const lines = summaryLines(memoryReader({ decisions: decisions([{ ...kept, label: null }, { ...kept, label: [] }]), faults }));
    expect(section(lines, 'Bad annotations, left out of their images')).toEqual([
      `    12  SLUICE_E_ANNOTATION_BOX: ${ERRORS.SLUICE_E_ANNOTATION_BOX.meaning}`,
      `     3  SLUICE_E_ANNOTATION_IMAGE: ${ERRORS.SLUICE_E_ANNOTATION_IMAGE.meaning}`,
      '   where they are: sluice faults DIR',
    ]);
    expect(lines).toContain('1 image has no annotations');
    expect(summaryLines(memoryReader({ decisions: decisions([kept]) })).join('\n')).not.toMatch(/nnotations/);
  });

  test('the counts, and why, the most frequent reason first', () => {
    const dead = [{ seq: 4, id: 'x.jpg', code: 'SLUICE_E_IMAGE_EMPTY', cause: 'the file holds no bytes' }];
    const lines = summaryLines(memoryReader({ decisions: decisions([kept, left, left, { verdict: 'reject', ...reason('of_another_version') }]), dead, unspent: 3 }));
    expect(lines[0]).toBe('5 inputs: 4 decided, 1 kept (25.0 %), 3 left out, 1 bad file; the budget promised 1, 3 unspent');
    expect(section(lines, 'Why')).toEqual(['     2  left out: near duplicate', '     1  kept: above the cut', '     1  of_another_version']);
    expect(section(lines, 'Bad files')).toEqual(['   x.jpg: the file holds no bytes', '   once mended, the same command with --retry tries them again']);
    for (const title of ['Rare clusters kept', 'Alerts']) expect(lines).not.toContain(title);
  });

  test('rare clusters of which something was kept, the rarest first; single items are none', () => {
    const clusters = [...Array<number>(4).fill(5), ...Array<number>(3).fill(9), ...Array<number>(3).fill(2), 7, ...Array<number>(20).fill(1), 3, 4, 6];
    const lines = summaryLines(memoryReader({ decisions: decisions(clusters.map((cluster, i) => ({ cluster, ...(cluster === 2 || i === 1 ? left : kept) }))) }));
    expect(section(lines, 'Rare clusters kept')).toEqual(['     3 seen, 3 kept: cluster 9, such as 4.jpg', '     4 seen, 3 kept: cluster 5, such as 0.jpg']);
  });

  test('targets that are still short, and only those', () => {
    const targets = [{ of: 'class', name: 'bicycle', have: 3, among: 20, wanted: 50 }, { of: 'stream', name: 'gate', have: 5, among: 20, wanted: 5 }, { of: 'stream', name: 'yard', have: 4, among: 20, wanted: 4.2 }] as const;
    expect(section(summaryLines(memoryReader({ targets })), 'Targets still short')).toEqual(['     3 of 50: class bicycle', '     4 of 5: stream yard']);
    expect(summaryLines(memoryReader({ targets: targets.slice(1, 2) }))).not.toContain('Targets still short');
  });

  test('labels that look wrong by their latest suspicion, eight of them, and how many are for review', () => {
    const parts = Array.from({ length: 12 }, (_, i): Partial<Decision> => ({ ...left, review: i !== 3, suspicion: i / 20, label: i === 11 ? [{ class: 'b', bbox: [0, 0, 1, 1] }, { class: 'a', bbox: [0, 0, 1, 1] }, { class: 'b', bbox: [0, 0, 1, 1] }] : 'dog' }));
    const lines = summaryLines(memoryReader({ decisions: decisions(parts), amended: new Map([[0, 0.99]]) }));
    const told = section(lines, 'Labels that look wrong (11 for review)');
    expect(told).toEqual(['   0.99  0.jpg is labelled dog', '   0.55  11.jpg is labelled b, a', ...[10, 9, 8, 7, 6, 5].map((i) => `   ${(i / 20).toFixed(2)}  ${i}.jpg is labelled dog`), '   and 3 more']);
  });

  test('long lists are cut, with how many more there are; alerts are told with their first exemplars', () => {
    const dead = Array.from({ length: 11 }, (_, seq) => ({ seq, id: `${seq}.jpg`, code: 'SLUICE_E_IMAGE_EMPTY', cause: 'empty' }));
    const alert = someAlert({ seq: 1200, exemplars: ['a', 'b', 'c', 'd'] });
    const lines = summaryLines(memoryReader({ dead, alerts: [alert] }));
    expect(section(lines, 'Bad files')).toEqual([...Array.from({ length: 8 }, (_, i) => `   ${i}.jpg: empty`), '   and 3 more', '   once mended, the same command with --retry tries them again']);
    expect(section(lines, 'Alerts')).toEqual(['   novel at item 1200: a, b, c']);
  });

  test('what strangers named cannot steer a terminal', () => {
    const evil = 'a\u001b[2Jb\nc';
    const parts = Array.from({ length: 3 }, (_, i): Partial<Decision> => ({ ...kept, cluster: 1, id: `${evil}${i}`, label: evil, review: true, suspicion: 0.5 }));
    const alert = someAlert({ exemplars: [evil], streams: [evil] });
    const lines = summaryLines(memoryReader({ decisions: decisions(parts), dead: [{ seq: 3, id: evil, code: 'SLUICE_E_ROW_INVALID', cause: evil }], alerts: [alert] }));
    for (const line of lines) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(lines.filter((line) => line.includes('a\\u001b[2Jb\\nc')).length).toBe(6);
  });
});
