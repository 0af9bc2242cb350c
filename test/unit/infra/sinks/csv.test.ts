import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csv } from '../../../../infra/sinks/csv.ts';
import { readerOf, textOf } from './made.ts';

type Row = Record<string, string>;

function rowsOf(text: string): Row[] {
  return parse(text, { columns: true, record_delimiter: '\r\n' });
}

test('a row holds a verdict flat', () => {
  const reader = readerOf({ items: [{ time: 0, label: 'cat', suspicion: 0.5 }, { id: 'b', label: [{ class: 'a', bbox: [0, 0, 0.5, 0.5], relative: true }], score: -0.5, reasons: [] }] });
  const [first, second] = rowsOf(textOf(csv, reader));
  expect(first).toEqual({
    id: '0.jpg', uri: '/data/photos/0.jpg', stream: 'default', time: '1970-01-01T00:00:00.000Z', seq: '0', verdict: 'admit', review: 'false', reason: 'novelty', reason_value: '0.25', reason_threshold: '0.125',
    reasons: 'novelty', score: '0.5', novelty: '0.75', cluster: '0', share: '0.1', nearest_id: '', nearest_similarity: '', label: 'cat', suspicion: '0.5', suspicion_now: '0.5', brightness: '0.5',
    contrast: '0.25', sharpness: '120.5', width: '640', height: '480', split: '',
  });
  expect(second).toMatchObject({ id: 'b', time: '', reason: '', label: '[{"class":"a","bbox":[0,0,320,240]}]', nearest_id: 'photos/0.jpg', nearest_similarity: '0.25', suspicion: '' });
  // A number stays a number, also a negative one.
  expect(second?.['score']).toBe('-0.5');
});

test('no text from outside can run as a formula, and each comes back whole without one leading mark', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }).filter((t) => t.isWellFormed()), fc.constantFrom('=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', "'", "'=1", '"', 'a,b', 'a\r\nb', '"=1"', ''));
  fc.assert(
    fc.property(fc.uniqueArray(text, { minLength: 1, maxLength: 5 }), text, (ids, other) => {
      const rows = rowsOf(textOf(csv, readerOf({ items: ids.map((id) => ({ id, uri: other, stream: other, label: other, nearest: { id: other, similarity: 0 } })) })));
      const plain = (cell = ''): string => cell.replace(/^'/, '');
      expect(rows.map((row) => plain(row['id']))).toEqual(ids);
      for (const row of rows) {
        for (const column of ['id', 'uri', 'stream', 'label', 'nearest_id']) expect(row[column]).not.toMatch(/^[=+\-@\t\r\n]/);
        for (const column of ['uri', 'stream', 'label', 'nearest_id']) expect(plain(row[column])).toBe(other);
      }
    }),
    { numRuns: 60 },
  );
});

test('an empty folder gives the header alone', () => {
  expect(textOf(csv, readerOf({ items: [] }))).toMatch(/^id,uri,stream,[a-z_,]+,split\r\n$/);
});
