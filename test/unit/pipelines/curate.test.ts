/** What the pipeline holds at once, whatever --batch is. */
import { expect, test } from 'vitest';
import type { Embedder, ImageDecoder, Source } from '../../../operators/ports.ts';
import { NO_CAMPAIGNS } from '../../../operators/state/campaigns.ts';
import { Engine } from '../../../operators/state/engine.ts';
import { curate } from '../../../pipelines/curate.ts';
import { Intake } from '../../../pipelines/intake.ts';
import { LoopIndex, MemoryStore } from '../../support/embedded-host.ts';
import { settings } from '../../support/streams.ts';

const D = 4;
const SIZE = 4;
const PIXELS = SIZE * SIZE * 3;

function sourceOf(count: number): Source {
  let at = 0;
  const sample = (i: number) => ({ sample: { id: `item-${i}`, uri: `/item-${i}`, stream: 'default', time: null, label: null, origin: null } });
  return {
    identity: 'made',
    total: count,
    fit: 'crop',
    header: null,
    next: async (limit) => Array.from({ length: Math.min(limit, count - at) }, () => sample(at++)),
    close: async () => {},
  };
}

test.each([
  [1, 4096],
  [2, 1024],
  [4, 64],
])('with %i workers and batches of %i few pictures are held decoded', async (workers, batch) => {
  let held = 0;
  let most = 0;
  const decoder: ImageDecoder = {
    async decode() {
      held += 1;
      most = Math.max(most, held);
      return { pixels: new Uint8Array(PIXELS).fill(7), tiles: 1, width: 9, height: 9, digest: 'none', crops: new Uint8Array() };
    },
  };
  const embedder: Embedder = {
    size: SIZE,
    dimension: D,
    identity: 'fake',
    begin() {
      let n = 0;
      return {
        get full() {
          return n === 16;
        },
        add: () => void (n += 1),
        async run() {
          await new Promise((resolve) => setImmediate(resolve));
          held -= n;
          return Float32Array.from({ length: n * D }, (_, i) => (i % D === 0 ? 1 : 0));
        },
      };
    },
    close: async () => {},
  };
  const count = 3000;
  const store = new MemoryStore();
  const engine = new Engine(settings({ dimension: D }));
  const intake = new Intake(sourceOf(count), 0, () => ({ ofSource: 0, decided: false }));
  const parts = { intake, decoder, embedder, thumbnails: { halve: () => new Uint8Array(12), encode: async () => [] }, media: { keep: async () => [] }, workers, objects: 0, index: new LoopIndex(D), guarded: null, campaigns: () => NO_CAMPAIGNS, store, engine };
  const embedded = await curate(parts, { batch, signal: new AbortController().signal, onCommit: () => {} });
  expect(embedded).toEqual({ images: count, objects: 0 });
  expect(store.decisions.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, i) => i));
  expect(store.batches.length).toBe(Math.ceil(count / batch));
  // Two batches are under way, each with two chunks of 16 more than there are workers.
  expect(most).toBeLessThanOrEqual(2 * (workers + 2) * 16);
});

test('where no further batch can be prepared, those before it are written', async () => {
  const store = new MemoryStore();
  const engine = new Engine(settings({ dimension: D }));
  const source = sourceOf(40);
  let batches = 0;
  const broken: Source = { ...source, next: async (limit) => ((batches += 1) > 2 ? Promise.reject(new Error('the disk is gone')) : await source.next(limit)) };
  const intake = new Intake(broken, 0, () => ({ ofSource: 0, decided: false }));
  const decoder: ImageDecoder = { decode: async () => ({ pixels: new Uint8Array(PIXELS).fill(7), tiles: 1, width: 9, height: 9, digest: 'none', crops: new Uint8Array() }) };
  const call = () => {
    let n = 0;
    return { full: false, add: () => void (n += 1), run: async () => Float32Array.from({ length: n * D }, (_, i) => (i % D === 0 ? 1 : 0)) };
  };
  const embedder: Embedder = { size: SIZE, dimension: D, identity: 'fake', begin: call, close: async () => {} };
  const parts = { intake, decoder, embedder, thumbnails: { halve: () => new Uint8Array(12), encode: async () => [] }, media: { keep: async () => [] }, workers: 1, objects: 0, index: new LoopIndex(D), guarded: null, campaigns: () => NO_CAMPAIGNS, store, engine };
  const told: number[] = [];
  const run = curate(parts, { batch: 10, signal: new AbortController().signal, onCommit: ({ decisions }) => told.push(decisions.length) });
  await expect(run).rejects.toThrow('the disk is gone');
  expect(store.decisions.length).toBe(20);
  expect(told).toEqual([10, 10]);
});
