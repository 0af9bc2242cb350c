import fc from 'fast-check';
import { from, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { embed } from '../../../operators/embed.ts';
import { isAlive, type Embedded, type Failed, type Inspected } from '../../../operators/items.ts';
import type { EmbedCall, Embedder } from '../../../operators/ports.ts';
import { SluiceError } from '../../../schemas/errors.ts';
import { decoded, failed, imageOf, inspected, PER_TILE, SIDE } from './made.ts';

/** Pictures that fit in one call. */
const MOST = 16;

/** A picture's direction in the plane, by its shade: so that the mean of tiles is another. */
function directionOf(shade: number): readonly [number, number] {
  return [Math.cos(shade), Math.sin(shade)];
}

class FakeEmbedder implements Embedder {
  readonly size = SIDE;
  readonly dimension = 2;
  readonly identity = 'fake';
  readonly calls: number[] = [];
  readonly #around: (result: () => Float32Array) => Promise<Float32Array>;

  constructor(around: (result: () => Float32Array) => Promise<Float32Array> = async (result) => result()) {
    this.#around = around;
  }

  begin(): EmbedCall {
    const shades: number[] = [];
    return {
      get full() {
        return shades.length === MOST;
      },
      add(picture) {
        if (picture.length !== PER_TILE) throw new Error(`${picture.length} bytes for a picture`);
        shades.push(picture[0] ?? 0);
      },
      run: () => {
        this.calls.push(shades.length);
        return this.#around(() => Float32Array.from(shades.flatMap(directionOf)));
      },
    };
  }

  async close(): Promise<void> {}
}

function run(embedder: Embedder, items: readonly (Inspected | Failed)[]): Promise<(Embedded | Failed)[]> {
  return lastValueFrom(from(items).pipe(embed(embedder), toArray()));
}

test('the order of seq is restored, failed items in their places', async () => {
  const arrived = [inspected(5), failed(3), inspected(9), inspected(4), failed(8), inspected(6), failed(7)];
  const items = await run(new FakeEmbedder(), arrived);
  expect(items.map(({ seq }) => seq)).toEqual([3, 4, 5, 6, 7, 8, 9]);
  expect(items.map((item) => 'error' in item)).toEqual([true, false, false, false, true, true, false]);
  expect(items[0]).toEqual(failed(3));
});

test('an item keeps all but its pixels, and gets its own embedding', async () => {
  const [item] = await run(new FakeEmbedder(), [inspected(7, 3)]);
  const { seq, sample, small, quality, image } = inspected(7, 3);
  expect(item).toEqual({ seq, sample, quality, digest: image.digest, small, embedding: Float32Array.from(directionOf(3)), objects: [] });
});

test('whatever the order and the neighbours, an item gets the same', async () => {
  const order = fc.shuffledSubarray(Array.from({ length: 60 }, (_, seq) => seq), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(order, async (seqs) => {
      const make = (seq: number): Inspected | Failed => (seq % 11 === 5 ? failed(seq) : inspected(seq, seq, 1 + (seq % 3), (5 * seq) % 4));
      const items = await run(new FakeEmbedder(), seqs.map(make));
      expect(items.map(({ seq }) => seq)).toEqual([...seqs].sort((a, b) => a - b));
      for (const item of items.filter(isAlive)) {
        const [alone] = await run(new FakeEmbedder(), [make(item.seq)]);
        expect(item).toEqual(alone);
      }
    }),
    { numRuns: 20 },
  );
});

test('of several tiles the unit mean counts', async () => {
  const items = (await run(new FakeEmbedder(), [inspected(0, 1, 3), inspected(1, 2)])).filter(isAlive);
  const sum = [1, 2, 3].map(directionOf).reduce(([x, y], [dx, dy]) => [x + dx, y + dy], [0, 0]);
  const length = Math.hypot(...sum);
  expect(items[0]?.embedding[0]).toBeCloseTo(sum[0] / length, 6);
  expect(items[0]?.embedding[1]).toBeCloseTo(sum[1] / length, 6);
  expect(items[1]?.embedding).toEqual(Float32Array.from(directionOf(2)));
});

test('objects get the embeddings of their own crops, in their order, and the picture is that of its tiles alone', async () => {
  const items = (await run(new FakeEmbedder(), [inspected(0, 10, 2, 3), inspected(1, 20), inspected(2, 30, 1, 2)])).filter(isAlive);
  const shades = [[12, 13, 14], [], [31, 32]];
  items.forEach((item, i) => {
    const { chosen } = decoded(0, 0, 1, shades[i]?.length ?? 0);
    expect(item.objects).toEqual(chosen.map(({ index, class: name, bbox }, j) => ({ index, class: name, bbox, embedding: Float32Array.from(directionOf(shades[i]?.[j] ?? 0)) })));
  });
  const [plain] = await run(new FakeEmbedder(), [inspected(0, 10, 2)]);
  expect(items[0]).toEqual({ ...plain, objects: items[0]?.objects });
});

test('a crop beyond those of the objects is what lies beside them', async () => {
  const item = inspected(0, 10, 1, 2);
  const [besides, without] = (await run(new FakeEmbedder(), [{ ...item, image: imageOf(10, 1, 3) }, inspected(1, 20, 1, 2)])).filter(isAlive);
  expect(besides?.background).toEqual(Float32Array.from(directionOf(13)));
  expect(besides?.objects.map(({ embedding }) => embedding)).toEqual([11, 12].map((shade) => Float32Array.from(directionOf(shade))));
  expect(without).not.toHaveProperty('background');
  expect(without?.embedding).toEqual(Float32Array.from(directionOf(20)));
});

describe('calls of the model', () => {
  test('hold 16 pictures each, the last the rest; failed items take no place in the model', async () => {
    const embedder = new FakeEmbedder();
    await run(embedder, [...Array.from({ length: 37 }, (_, seq) => inspected(seq)), failed(37), failed(38)]);
    expect(embedder.calls).toEqual([16, 16, 5]);
  });

  test('none where nothing is left to embed', async () => {
    const embedder = new FakeEmbedder();
    expect(await run(embedder, [failed(1), failed(0)])).toEqual([failed(0), failed(1)]);
    expect(await run(embedder, [])).toEqual([]);
    expect(embedder.calls).toEqual([]);
  });

  test('count tiles and crops, not pictures', async () => {
    const embedder = new FakeEmbedder();
    await run(embedder, Array.from({ length: 7 }, (_, seq) => inspected(seq, seq, 4, 2)));
    expect(embedder.calls).toEqual([16, 16, 10]);
  });
});

test('where the embedder fails the batch fails, and nothing of it is handed on', async () => {
  const error = new SluiceError('SLUICE_E_MODEL', 'the model has gone');
  let calls = 0;
  const embedder = new FakeEmbedder((result) => (++calls === 2 ? Promise.reject(error) : Promise.resolve(result())));
  const seen: unknown[] = [];
  const items = Array.from({ length: 40 }, (_, seq) => inspected(seq));
  const outcome = new Promise((resolve) => from(items).pipe(embed(embedder)).subscribe({ next: (item) => seen.push(item), error: resolve, complete: () => resolve('complete') }));
  expect(await outcome).toBe(error);
  expect(seen).toEqual([]);
});
