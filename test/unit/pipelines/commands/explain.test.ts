import { describe, expect, test } from 'vitest';
import type { Decision } from '../../../../schemas/decision.ts';
import { ERRORS } from '../../../../schemas/errors.ts';
import { explainLines } from '../../../../pipelines/commands/explain.ts';
import { makeDecisions, memoryReader } from '../../../support/reader.ts';

const [made] = await makeDecisions({ items: 1 });

function decision(part: Partial<Decision> = {}): Decision {
  if (made === undefined) throw new Error('none was made');
  return { ...made, seq: 7, id: 'a/b.jpg', stream: 'north', ...part };
}

describe('explainLines', () => {
  test('every reason with value, threshold, measure and sentence, the decisive one first', () => {
    const reasons = [
      { code: 'below_cut', value: -1.23456, threshold: 2 },
      { code: 'novelty', value: 0.1, threshold: 0.05 },
      { code: 'from_the_future', value: 1, threshold: 3 },
    ];
    const lines = explainLines(memoryReader({ decisions: [decision({ verdict: 'reject', reasons })] }), 'a/b.jpg');
    expect(lines.slice(0, 4)).toEqual([
      'a/b.jpg (item 7): REJECTED',
      '  because below_cut: -1.235 against 2 (score against the cut). Less new and less needed than what the budget was being spent on at the time.',
      '  and     novelty: 0.1 against 0.05 (1 minus the similarity to the nearest kept image). How unlike it is to everything kept before.',
      '  and     from_the_future: 1 against 3',
    ]);
  });

  test('what else is known of it', () => {
    const quality = { brightness: 0.5, contrast: 0.2, sharpness: 300, width: 640, height: 480 };
    const known = decision({ verdict: 'admit', reasons: [], time: Date.UTC(2026, 0, 2, 3, 4, 5), score: 1.5, nearest: { id: 'c.jpg', similarity: 0.87654 }, cluster: 12, share: 0.0123, label: 'dog', suspicion: 0.7, review: true, quality });
    expect(explainLines(memoryReader({ decisions: [known] }), 'a/b.jpg')).toEqual([
      'a/b.jpg (item 7): ADMITTED',
      '  stream       north',
      '  time         2026-01-02T03:04:05.000Z',
      '  score        1.5',
      '  nearest kept c.jpg (similarity 0.8765)',
      '  cluster      12, 1.23 % of the recent stream',
      '  label        dog',
      '  suspicion    0.7, for review',
      '  picture      640 x 480, brightness 0.5, contrast 0.2, sharpness 300',
    ]);
  });

  test('a suspicion as it was first given and, where that is another, as it is now', () => {
    const line = (suspicion: number, now: number): string | undefined => explainLines(memoryReader({ decisions: [decision({ suspicion, review: now > 0.5 })], amended: new Map([[7, now]]) }), 'a/b.jpg').find((each) => each.includes('suspicion  '));
    expect(line(0.25, 0.75)).toBe('  suspicion    0.25, now 0.75, for review');
    expect(line(0.25, 0.25)).toBe('  suspicion    0.25');
  });

  test('what is not known is said to be so', () => {
    const unknown = decision({ time: null, nearest: null, label: null, suspicion: null });
    const text = explainLines(memoryReader({ decisions: [unknown] }), 'a/b.jpg').join('\n');
    for (const line of ['time         none', 'nearest kept none yet', 'label        none', 'suspicion    no label was shown']) expect(text).toContain(line);
    const boxes = decision({ label: [{ class: 'a', bbox: [0, 0, 1, 1] }, { class: 'b', bbox: [0, 0, 1, 1] }] });
    expect(explainLines(memoryReader({ decisions: [boxes] }), 'a/b.jpg').join('\n')).toContain('label        2 boxes');
  });

  test('the annotations that it was decided without', () => {
    const faults = [
      { id: 'a/b.jpg', seq: 7, code: 'SLUICE_E_ANNOTATION_BOX', count: 2, causes: ['annotations[17].bbox: found\u001b [0]', 'annotations[18].bbox'] },
      { id: 'a/b.jpg', seq: 7, code: 'SLUICE_E_ANNOTATION_RLE', count: 1, causes: ['annotations[19]'] },
      { id: 'c.jpg', seq: 8, code: 'SLUICE_E_ANNOTATION_ID', count: 1, causes: ['another'] },
    ];
    expect(explainLines(memoryReader({ decisions: [decision()], faults }), 'a/b.jpg').slice(-4)).toEqual([
      '  without      2 annotations [SLUICE_E_ANNOTATION_BOX], the first: annotations[17].bbox: found\\u001b [0]',
      `               ${ERRORS.SLUICE_E_ANNOTATION_BOX.next}`,
      '  without      1 annotation [SLUICE_E_ANNOTATION_RLE]: annotations[19]',
      `               ${ERRORS.SLUICE_E_ANNOTATION_RLE.next}`,
    ]);
  });

  test('a dead letter: cause, code and what to do, beside the verdict where the id has one', () => {
    const letter = { seq: 9, id: 'a/b.jpg', code: 'SLUICE_E_ID_REPEATED', cause: 'it came before' };
    const told = ['a/b.jpg (item 9) is a bad file: it came before [SLUICE_E_ID_REPEATED]', `  ${ERRORS.SLUICE_E_ID_REPEATED.next}`];
    expect(explainLines(memoryReader({ dead: [letter] }), 'a/b.jpg').join('\n').split('\n')).toEqual(told);
    const both = explainLines(memoryReader({ decisions: [decision()], dead: [letter, { ...letter, seq: 11 }] }), 'a/b.jpg').join('\n');
    expect(both).toMatch(/^a\/b\.jpg \(item 7\): /);
    expect(both).toContain(told[0]);
    expect(both).toContain('a/b.jpg (item 11) is a bad file');
  });

  test('an unknown id is an error that names it', () => {
    expect(() => explainLines(memoryReader({ dir: '/out' }), 'no "such"')).toThrow(expect.objectContaining({ code: 'SLUICE_E_NOT_FOUND', message: '/out holds no item with the id "no \\"such\\""' }) as Error);
  });

  test('what strangers named cannot steer a terminal', () => {
    const evil = 'a\u001b[2Jb\nc\r\u009bd\u202ee';
    const known = decision({ id: evil, stream: evil, label: evil, nearest: { id: evil, similarity: 1 } });
    const dead = [{ seq: 9, id: evil, code: 'SLUICE_E_ROW_INVALID', cause: evil }];
    for (const line of explainLines(memoryReader({ decisions: [known], dead }), evil).flatMap((text) => text.split('\n'))) {
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
    expect(explainLines(memoryReader({ decisions: [known] }), evil)[0]).toMatch(/^a\\u001b\[2Jb\\nc\\r\\u009bd\\u202ee \(item 7\): /);
  });
});
