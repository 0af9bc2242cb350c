import fc from 'fast-check';
import { from, lastValueFrom, tap, toArray } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { isAlive, type Embedded, type Aside, type Recalled } from '../../../operators/items.ts';
import type { Neighbours, VectorIndex } from '../../../operators/ports.ts';
import { recall } from '../../../operators/recall.ts';
import { Memory } from '../../../operators/state/memory.ts';
import { SluiceError } from '../../../schemas/errors.ts';
import { LoopIndex } from '../../support/embedded-host.ts';
import { prng } from '../../support/images.ts';
import { embedded, failed } from './made.ts';

const D = 4;

/** Keeps a diary of what was asked of it. */
class Diary extends LoopIndex {
  readonly calls: string[] = [];

  override async add(vectors: Float32Array): Promise<void> {
    this.calls.push(`add ${vectors.length / D}`);
    await super.add(vectors);
  }

  override async search(queries: Float32Array, k: number): Promise<Neighbours> {
    this.calls.push(`search ${queries.length / D} for ${k}`);
    return await super.search(queries, k);
  }

  override async reset(): Promise<void> {
    this.calls.push('reset');
    await super.reset();
  }
}

let memory = new Memory(D);
let index = new Diary(D);
beforeEach(() => {
  memory = new Memory(D);
  index = new Diary(D);
});

const unit = (...values: readonly number[]): Float32Array => {
  const norm = Math.hypot(...values);
  return Float32Array.from({ length: D }, (_, i) => (values[i] ?? 0) / norm);
};

function admit({ seq, embedding }: Embedded): void {
  memory.add({ seq, id: `item-${seq}`, cluster: 0, digest: '', classes: [] }, embedding);
}

/** One batch through a recall operator, with something behind it that admits every item. */
function through(operator: ReturnType<typeof recall>, items: readonly (Embedded | Aside)[]): Promise<(Recalled | Aside)[]> {
  return lastValueFrom(
    from(items).pipe(
      operator,
      tap((item) => isAlive(item) && admit(item)),
      toArray(),
    ),
  );
}

const nearestOf = (items: readonly (Recalled | Aside)[]): unknown[] => items.map((item) => (isAlive(item) ? (item.nearest?.item.seq ?? null) : 'failed'));

test('items of the same batch that were admitted just before count', async () => {
  const items = await through(recall(index, memory), [embedded(0, unit(1)), embedded(1, unit(0, 1)), embedded(2, unit(9, 1)), embedded(3, unit(1, 9))]);
  expect(nearestOf(items)).toEqual([null, 0, 0, 1]);
  expect(items.filter(isAlive)[2]?.nearest?.similarity).toBeCloseTo(9 / Math.hypot(9, 1), 6);
});

test('items that were not admitted do not', async () => {
  admit(embedded(0, unit(1)));
  const items = await lastValueFrom(from([embedded(1, unit(0, 1)), embedded(2, unit(0, 1))]).pipe(recall(index, memory), toArray()));
  expect(nearestOf(items)).toEqual([0, 0]);
});

test('an item is handed on only when all behind have done with the one before', async () => {
  const log: string[] = [];
  const watched = new Memory(D);
  const nearest = watched.nearest.bind(watched);
  watched.nearest = (...args) => (log.push('looked'), nearest(...args));
  const items = [embedded(0, unit(1)), embedded(1, unit(1)), embedded(2, unit(1))];
  await lastValueFrom(from(items).pipe(recall(index, watched), tap(({ seq }) => log.push(`done ${seq}`))));
  expect(log).toEqual(['looked', 'done 0', 'looked', 'done 1', 'looked', 'done 2']);
});

test('others get their turn while a large batch goes through', async () => {
  const items = Array.from({ length: 100 }, (_, seq) => embedded(seq, unit(1, seq)));
  const seen = new Set<number>();
  let done = 0;
  const look = (): void => {
    seen.add(done);
    if (done < items.length) setImmediate(look);
  };
  look();
  await lastValueFrom(from(items).pipe(recall(index, memory), tap(() => (done += 1)), toArray()));
  expect([...seen].some((count) => count > 0 && count < 100)).toBe(true);
});

test('failed items keep their place and are not searched for', async () => {
  admit(embedded(0, unit(1)));
  const items = await through(recall(index, memory), [failed(1), embedded(2, unit(0, 1)), failed(3), embedded(4, unit(1, 9)), failed(5)]);
  expect(nearestOf(items)).toEqual(['failed', 0, 'failed', 2, 'failed']);
  expect(index.calls.at(-1)).toBe('search 2 for 1');
});

describe('the index', () => {
  test('is filled with what is new, once a batch, and searched once a batch', async () => {
    const operator = recall(index, memory);
    await through(operator, [embedded(0, unit(1)), embedded(1, unit(0, 1))]);
    await through(operator, [embedded(2, unit(0, 0, 1))]);
    await through(operator, [failed(3)]);
    await through(operator, []);
    await through(operator, [embedded(4, unit(0, 0, 0, 1)), embedded(5, unit(1, 1))]);
    await lastValueFrom(from([embedded(6, unit(1))]).pipe(operator));
    expect(index.calls).toEqual(['reset', 'add 2', 'search 1 for 2', 'add 1', 'search 2 for 3', 'add 2', 'search 1 for 5']);
  });

  test('is asked for 8 candidates at most', async () => {
    for (let seq = 0; seq < 20; seq++) admit(embedded(seq, unit(20, seq)));
    await through(recall(index, memory), [embedded(20, unit(1))]);
    expect(index.calls).toEqual(['reset', 'add 20', 'search 1 for 8']);
  });

  test('is emptied first, whatever it held', async () => {
    await index.add(unit(0, 1));
    admit(embedded(0, unit(1)));
    const items = await through(recall(index, memory), [embedded(1, unit(0, 1))]);
    expect(nearestOf(items)).toEqual([0]);
    expect(index.calls.slice(1)).toEqual(['reset', 'add 1', 'search 1 for 1']);
  });

  test('is filled again when rows of the memory were renumbered', async () => {
    const operator = recall(index, memory);
    await through(operator, [embedded(0, unit(1)), embedded(1, unit(0, 1)), embedded(2, unit(0, 0, 1))]);
    await through(operator, [embedded(3, unit(0, 0, 0, 1))]);
    memory.drop(new Set([0, 1]));
    const items = await through(operator, [embedded(4, unit(1, 0, 3)), embedded(5, unit(0, 1, 0, 3))]);
    expect(nearestOf(items)).toEqual([2, 3]);
    expect(index.calls.slice(-3)).toEqual(['reset', 'add 2', 'search 2 for 2']);
  });

  test('what it proposed before a renumbering within the batch counts for nothing', async () => {
    for (let seq = 0; seq < 3; seq++) admit(embedded(seq, unit(1, seq)));
    const items = [embedded(3, unit(1, 2)), embedded(4, unit(1))];
    const dropAfterFirst = tap<Recalled | Aside>(({ seq }) => void (seq === 3 && memory.drop(new Set([0]))));
    const found = await lastValueFrom(from(items).pipe(recall(index, memory), dropAfterFirst, toArray()));
    expect(nearestOf(found)).toEqual([2, 1]);
  });

  test('that fails makes the batch fail', async () => {
    const error = new SluiceError('SLUICE_E_INDEX', 'the index process ended');
    const broken: VectorIndex = new (class extends LoopIndex {
      override search(): Promise<Neighbours> {
        return Promise.reject(error);
      }
    })(D);
    admit(embedded(0, unit(1)));
    await expect(through(recall(broken, memory), [embedded(1, unit(1))])).rejects.toBe(error);
  });
});

test('of more equal rows than the index proposes the earliest counts, whichever it proposes', async () => {
  const backwards = new (class extends LoopIndex {
    override async search(queries: Float32Array, k: number): Promise<Neighbours> {
      const { rows, similarities } = await super.search(queries, this.count);
      const latest = [...rows.keys()].sort((a, b) => (similarities[b] ?? 0) - (similarities[a] ?? 0) || (rows[b] ?? 0) - (rows[a] ?? 0)).slice(0, k);
      return { rows: Int32Array.from(latest, (i) => rows[i] ?? -1), similarities: Float32Array.from(latest, (i) => similarities[i] ?? 0) };
    }
  })(D);
  for (let seq = 0; seq < 12; seq++) admit(embedded(seq, unit(1)));
  const items = await lastValueFrom(from([embedded(12, unit(1))]).pipe(recall(backwards, memory), toArray()));
  expect(nearestOf(items)).toEqual([0]);
});

test('for any stream and any batches the answer is that of looking at all rows', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 30 }), async (seed, n, batch) => {
      const draw = prng(seed);
      const few = Array.from({ length: 6 }, () => unit(draw() - 0.5, draw() - 0.5, draw() - 0.5, draw() - 0.5));
      const vector = (): Float32Array => (draw() < 0.5 ? (few[Math.floor(draw() * 6)] ?? unit(1)) : unit(draw() - 0.5, draw() - 0.5, draw() - 0.5, draw() - 0.5));
      const items = Array.from({ length: n }, (_, seq) => (draw() < 0.1 ? failed(seq) : embedded(seq, vector())));
      memory = new Memory(D);
      const operator = recall(new LoopIndex(D), memory);
      const found: unknown[] = [];
      for (let at = 0; at < n; at += batch) {
        for (const item of await through(operator, items.slice(at, at + batch))) found.push(isAlive(item) ? item.nearest : 'failed');
      }
      const plain = new Memory(D);
      const wanted = items.map((item) => {
        if (!isAlive(item)) return 'failed';
        const nearest = plain.nearest(item.embedding, null);
        plain.add({ seq: item.seq, id: `item-${item.seq}`, cluster: 0, digest: '', classes: [] }, item.embedding);
        return nearest;
      });
      expect(found).toEqual(wanted);
    }),
    { numRuns: 60 },
  );
});

test('a batch that comes before its turn has the index searched at once, and what is admitted or dropped until then counts', async () => {
  const turn = Promise.withResolvers<void>();
  const operator = recall(index, memory, () => turn.promise);
  for (const [seq, x] of [unit(1), unit(0, 1), unit(1, 5)].entries()) admit(embedded(seq, x));
  const done: string[] = [];
  const early = through(operator, [embedded(5, unit(1, 9)), embedded(6, unit(9, 1))]).finally(() => done.push('early'));
  const next = through(operator, [embedded(7, unit(1, 8))]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(index.calls).toEqual(['reset', 'add 3', 'search 2 for 3', 'search 1 for 3']);
  expect(done).toEqual([]);
  admit(embedded(4, unit(9, 2)));
  memory.drop(new Set([1]));
  turn.resolve();
  expect(nearestOf(await early)).toEqual([2, 4]);
  expect(nearestOf(await next)).toEqual([5]);
});
