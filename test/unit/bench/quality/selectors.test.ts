import { describe, expect, test } from 'vitest';
import type { EmbeddedSet } from '../../../../bench/quality/embeddings.ts';
import { shuffledStream, trackStream } from '../../../../bench/quality/orders.ts';
import { random, SELECTORS } from '../../../../bench/quality/selectors.ts';
import { D, embeddingOf } from '../../../support/streams.ts';

/** Two kinds: many of the first, each a little different, and three of the second. */
const n = 400;
const kindOf = (i: number): number => (i % 150 === 149 ? 1 : 0);
const X = { data: Float32Array.from(Array.from({ length: n }, (_, i) => [...embeddingOf(4, i, { kind: kindOf(i), jitter: 0.1 })]).flat()), rows: n, columns: D };

describe('each selector', () => {
  test.each(Object.entries(SELECTORS))('%s keeps as many as asked, each once, the same for a seed', async (_, select) => {
    const kept = await select(X, 40, 1);
    expect(new Set(kept).size).toBe(40);
    expect(kept.length).toBe(40);
    expect(kept.every((i) => i >= 0 && i < n)).toBe(true);
    expect(await select(X, 40, 1)).toEqual(kept);
  });

  test('k-center finds the second kind at once', async () => {
    const kept = (await SELECTORS['k-center greedy']?.(X, 2, 3)) ?? [];
    expect(new Set(kept.map(kindOf)).size).toBe(2);
  });

  test('random draws differ between seeds', () => {
    expect(random(n, 40, 1)).not.toEqual(random(n, 40, 2));
    expect(new Set(random(n, 40, 1)).size).toBe(40);
  });
});

describe('orders', () => {
  const track = ['a', 'a', 'b', 'b', 'c', 'c', 'd', 'd', 'e', 'e'];
  const set: EmbeddedSet = { name: 'made', paths: track.map((_, i) => String(i)), columns: { track }, dimension: D, vectors: new Float32Array(), quality: [], digests: [] };
  const rows = track.map((_, i) => i);

  test('deal tracks to four cameras, whose frames interleave and whose tracks stay in order', () => {
    const items = trackStream(set, rows, track, 1);
    expect(items.map(({ row }) => row).sort((a, b) => a - b)).toEqual(rows);
    expect(items.slice(0, 4).map(({ stream }) => stream)).toEqual(['camera 0', 'camera 1', 'camera 2', 'camera 3']);
    for (const name of new Set(track)) {
      const frames = items.filter(({ label }) => label === name);
      expect(new Set(frames.map(({ stream }) => stream)).size).toBe(1);
      expect((frames[0]?.row ?? 0) + 1).toBe(frames[1]?.row);
    }
  });

  test('shuffle by the seed', () => {
    expect(shuffledStream(rows, track, 1)).not.toEqual(shuffledStream(rows, track, 2));
    expect(shuffledStream(rows, track, 1).map(({ row, label }) => label === track[row])).not.toContain(false);
  });
});
