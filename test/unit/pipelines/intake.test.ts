import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry, OnRecord, Source } from '../../../operators/ports.ts';
import { Intake } from '../../../pipelines/intake.ts';
import { SluiceError } from '../../../schemas/errors.ts';

const NOTHING: OnRecord = { ofSource: 0, decided: false };

function entry(id: string): Entry {
  return id.startsWith('bad') ? { id, error: new SluiceError('SLUICE_E_ROW_INVALID', 'made to fail') } : { sample: { id, uri: `/${id}`, stream: 'default', time: null, label: null, origin: null } };
}

/** Hands out at most `most` at once, whatever is asked for. */
function sourceOf(ids: readonly string[], most = Infinity): Source & { asked: number[] } {
  let at = 0;
  const asked: number[] = [];
  return {
    identity: 'made',
    total: ids.length,
    fit: 'crop',
    header: null,
    asked,
    async next(limit) {
      asked.push(limit);
      const part = ids.slice(at, at + Math.min(limit, most));
      at += part.length;
      return part.map(entry);
    },
    close: () => Promise.resolve(),
  };
}

async function all(intake: Intake, limit: number): Promise<{ seq: number; id: string; code: string | null }[]> {
  const out: { seq: number; id: string; code: string | null }[] = [];
  for (;;) {
    const items = await intake.next(limit);
    for (const item of items) out.push({ seq: item.seq, id: 'sample' in item ? item.sample.id : item.id, code: 'error' in item ? item.error.code : null });
    if (items.length < limit) return out;
  }
}

describe('Intake', () => {
  test('numbers what the source hands out from where the folder stands, bad rows too', async () => {
    const found = await all(new Intake(sourceOf(['a', 'bad', 'c']), 7, () => NOTHING), 10);
    expect(found).toEqual([
      { seq: 7, id: 'a', code: null },
      { seq: 8, id: 'bad', code: 'SLUICE_E_ROW_INVALID' },
      { seq: 9, id: 'c', code: null },
    ]);
  });

  test('fills a batch from several readings, asks for no more than it needs, and not again after the end', async () => {
    const source = sourceOf(['a', 'b', 'c', 'd', 'e'], 2);
    const intake = new Intake(source, 0, () => NOTHING);
    expect((await intake.next(3)).length).toBe(3);
    expect(source.asked).toEqual([3, 1]);
    expect((await intake.next(3)).length).toBe(2);
    expect(await intake.next(3)).toEqual([]);
    expect(source.asked).toEqual([3, 1, 3, 1]);
  });

  test('passes over as many of an id as are on record of this source, and counts them; the rest of them are repeated', async () => {
    const record: Record<string, OnRecord> = { a: { ofSource: 2, decided: true }, b: { ofSource: 1, decided: false }, c: { ofSource: 0, decided: true }, d: { ofSource: 0, decided: false } };
    const intake = new Intake(sourceOf(['a', 'b', 'a', 'new', 'a', 'c', 'new', 'd']), 3, (id) => record[id] ?? NOTHING);
    expect(await all(intake, 2)).toEqual([
      { seq: 3, id: 'new', code: null },
      { seq: 4, id: 'a', code: 'SLUICE_E_ID_REPEATED' },
      { seq: 5, id: 'c', code: 'SLUICE_E_ID_REPEATED' },
      { seq: 6, id: 'new', code: 'SLUICE_E_ID_REPEATED' },
      { seq: 7, id: 'd', code: null },
    ]);
    expect(intake.skipped).toBe(3);
  });

  test('says what was repeated', async () => {
    const [, again] = await new Intake(sourceOf(['a"b', 'a"b']), 0, () => NOTHING).next(2);
    expect(again).toMatchObject({ seq: 1, id: 'a"b', error: { message: 'an item with the id "a\\"b" came before' } });
  });

  test('property: runs of growing sources, stopped anywhere, settle each entry once, and no id twice', async () => {
    const ids = fc.array(fc.constantFrom('a', 'b', 'c', 'bad1', 'bad2', 'd', 'e'), { maxLength: 8 });
    const run = fc.record({ source: fc.constantFrom('x', 'y'), added: ids, where: fc.double({ min: 0, max: 1, noNaN: true }), stopAfter: fc.nat(8), batch: fc.integer({ min: 1, max: 4 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(run, { maxLength: 8 }), async (runs) => {
        const sources: Record<string, string[]> = { x: [], y: [] };
        const records: { source: string; id: string; decided: boolean }[] = [];
        const settle = async (source: string, batch: number, stopAfter: number): Promise<number> => {
          const onRecord = (id: string): OnRecord => ({ ofSource: records.filter((r) => r.id === id && r.source === source).length, decided: records.some((r) => r.id === id && r.decided) });
          const intake = new Intake(sourceOf(sources[source] ?? [], 3), records.length, onRecord);
          // What is on record is read when an id is first met: as in a run, records of the run itself may be among it or not.
          const items = await all(intake, batch);
          const kept = items.slice(0, stopAfter);
          kept.forEach(({ seq, id, code }, i) => {
            expect(seq).toBe(records.length);
            expect(items[i]).toBeDefined();
            records.push({ source, id, decided: code === null });
          });
          return kept.length;
        };
        for (const { source, added, where, stopAfter, batch } of runs) {
          const list = sources[source] ?? [];
          list.splice(Math.floor(where * list.length), 0, ...added);
          await settle(source, batch, stopAfter);
        }
        // To the end of both, then again: nothing is left.
        for (const source of ['x', 'y']) await settle(source, 64, Infinity);
        for (const source of ['x', 'y']) expect(await settle(source, 3, Infinity)).toBe(0);
        for (const source of ['x', 'y']) expect(records.filter((r) => r.source === source).map(({ id }) => id).sort()).toEqual([...(sources[source] ?? [])].sort());
        const decided = records.filter((r) => r.decided).map(({ id }) => id);
        expect(decided.length).toBe(new Set(decided).size);
      }),
      { numRuns: 300 },
    );
  });
});

test('pictures that come along end a batch early, when they take much memory', async () => {
  const large = (i: number): Entry => ({ sample: { id: String(i), uri: `/${i}`, stream: 'default', time: null, label: null, origin: null }, bytes: new Uint8Array(3 * 2 ** 20) });
  let at = 0;
  const source: Source = { ...sourceOf([]), next: async (limit) => Array.from({ length: Math.min(limit, 4, 30 - at) }, () => large(at++)) };
  const intake = new Intake(source, 0, (id) => ({ ofSource: Number(id) < 9 ? 1 : 0, decided: Number(id) < 9 }));
  const sizes: number[] = [];
  for (let items = await intake.next(64); items.length > 0; items = await intake.next(64)) sizes.push(items.length);
  // What was decided before holds no memory: 3 of the first 12 are left, and 32 MiB are 11 pictures.
  expect(sizes).toEqual([11, 10]);
  expect(intake.skipped).toBe(9);
});
