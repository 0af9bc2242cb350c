/** How many pictures and crops are held at once, whatever the labels ask for. */
import { expect, test } from 'vitest';
import type { Numbered } from '../../../operators/items.ts';
import type { Embedder, ImageDecoder } from '../../../operators/ports.ts';
import { isAlive } from '../../../operators/items.ts';
import { prepareBatch, shownObjects } from '../../../pipelines/prepare.ts';
import type { Label } from '../../../schemas/sample.ts';

const SQUARE = 2 * 2 * 3;
const D = 4;

function boxes(count: number): Label {
  return Array.from({ length: count }, () => ({ class: 'car', bbox: [10, 10, 40, 40] }));
}

function entries(labels: readonly Label[]): readonly Numbered[] {
  return labels.map((label, seq) => ({ seq, sample: { id: `${seq}`, uri: `/${seq}`, stream: 'default', time: null, label, origin: null } }));
}

/** Counts squares from their decode to their embedding. */
function counting() {
  const seen = { held: 0, most: 0, calls: [] as number[] };
  const decoder: ImageDecoder = {
    async decode(_, regionsOf) {
      const crops = regionsOf?.(640, 480).length ?? 0;
      seen.held += 1 + crops;
      seen.most = Math.max(seen.most, seen.held);
      return { pixels: new Uint8Array(SQUARE), tiles: 1, width: 640, height: 480, digest: 'none', crops: new Uint8Array(crops * SQUARE) };
    },
  };
  const begin: Embedder['begin'] = () => {
    let n = 0;
    return {
      get full() {
        return n === 16;
      },
      add: () => void (n += 1),
      async run() {
        await new Promise((resolve) => setImmediate(resolve));
        seen.held -= n;
        seen.calls.push(n);
        return Float32Array.from({ length: n * D }, (_, i) => (i % D === 0 ? 1 : 0));
      },
    };
  };
  const embedder: Embedder = { size: 2, dimension: D, identity: 'fake', begin, close: async () => {} };
  return { seen, parts: { decoder, embedder, thumbnails: { halve: () => new Uint8Array(3), encode: async () => [] } } };
}

test.each([
  [1, 32, 100],
  [4, 32, 100],
  [2, 256, 1000],
])('%i workers, up to %i objects of %i: fewer squares are held than the bound says, and all are embedded', async (workers, objects, labelled) => {
  const { seen, parts } = counting();
  const items = (await prepareBatch({ ...parts, workers, objects }, entries(Array.from({ length: 100 }, () => boxes(labelled))))).filter(isAlive);
  expect(items.map((item) => item.objects.length)).toEqual(Array.from({ length: 100 }, () => objects));
  expect(seen.held).toBe(0);
  expect(seen.most).toBeLessThan((workers + 2) * (64 + 2 + objects));
});

test('without objects, or without labels, a call takes 16 pictures', async () => {
  for (const [objects, label] of [[0, boxes(40)], [32, null], [32, 'car'], [32, []]] as const) {
    const { seen, parts } = counting();
    await prepareBatch({ ...parts, workers: 2, objects }, entries(Array.from({ length: 40 }, () => label)));
    expect(seen.calls.sort((a, b) => b - a)).toEqual([16, 16, 8]);
  }
});

test('objects are looked at only where labels are shown with the samples', () => {
  expect([{ when: 'all' } as const, { when: 'never' } as const, { when: 'admitted', after: 3 } as const].map((reveal) => shownObjects(8, reveal))).toEqual([8, 0, 0]);
});
