/** The pool of embedding threads: the same bits whatever surrounds a picture, unit rows, refusals, and a clean end. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { openEmbedder } from '../../../../infra/onnx/pool.ts';
import { SharpDecoder } from '../../../../infra/media/sharp-decoder.ts';
import type { Embedder } from '../../../../operators/ports.ts';
import type { SluiceError } from '../../../../schemas/errors.ts';
import { scene, SCENE_KINDS } from '../../../support/images.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PICTURE = 224 * 224 * 3;
const D = 256;
const here = mkdtempSync(join(tmpdir(), 'sluice-pool-'));
const embedder = await openEmbedder(2);
afterAll(async () => {
  await embedder.close();
  rmSync(here, { recursive: true });
});

const pictures = await Promise.all(
  SCENE_KINDS.slice(0, 7).map(async (kind, i) => {
    const file = join(here, `${i}.jpg`);
    writeFileSync(file, await scene(i, kind));
    return new Uint8Array((await new SharpDecoder(224, 'squash').decode({ path: file })).pixels);
  }),
);

function together(which: readonly number[]): readonly Uint8Array[] {
  return which.map((i) => pictures[i] ?? new Uint8Array());
}

async function embed(by: Embedder, some: readonly Uint8Array[]): Promise<Float32Array> {
  const call = by.begin();
  for (const picture of some) call.add(picture);
  return await call.run();
}

/** As bits, so that -0 and the last digit count. */
function bits(row: Float32Array): string {
  return Buffer.from(row.buffer, row.byteOffset, row.byteLength).toString('hex');
}

const alone = await Promise.all(pictures.map(async (_, i) => bits(await embed(embedder, together([i])))));

function expectAlone(rows: Float32Array, which: readonly number[]): void {
  expect(rows.length).toBe(which.length * D);
  which.forEach((i, at) => expect(bits(rows.slice(at * D, (at + 1) * D)) === alone[i], `picture ${i} at place ${at}`).toBe(true));
}

test('different pictures differ', () => {
  expect(new Set(alone).size).toBe(pictures.length);
});

describe('the same bits for a picture', () => {
  test.each([[[0, 1, 2, 3, 4, 5, 6]], [[6, 5, 4, 3, 2, 1, 0]], [[3, 3, 3]], [[0, 6]], [Array.from({ length: 16 }, (_, i) => i % 7)]])('among neighbours %j', async (which) => {
    expectAlone(await embed(embedder, together(which)), which);
  });

  test('with many calls at once', async () => {
    const calls = Array.from({ length: 12 }, (_, i) => Array.from({ length: 1 + (i % 4) }, (_unused, j) => (i + j) % 7));
    const results = await Promise.all(calls.map((which) => embed(embedder, together(which))));
    results.forEach((rows, i) => expectAlone(rows, calls[i] ?? []));
  });

  test.each([1, 4])('with %i workers', async (workers) => {
    const other = await openEmbedder(workers);
    const calls = [[0, 1, 2], [3], [4, 5], [6], [0]];
    const results = await Promise.all(calls.map((which) => embed(other, together(which))));
    await other.close();
    results.forEach((rows, i) => expectAlone(rows, calls[i] ?? []));
  });

  test('as a Buffer, and as a view of something larger, neither of which is taken away', async () => {
    const large = Buffer.concat(together([1, 2, 3]));
    const array = Uint8Array.from(large);
    expectAlone(await embed(embedder, [large.subarray(PICTURE, 2 * PICTURE), array.subarray(0, PICTURE)]), [2, 1]);
    expect([large.length, array.length]).toEqual([3 * PICTURE, 3 * PICTURE]);
  });

  test('though its memory changes right after the call', async () => {
    const picture = Uint8Array.from(pictures[1] ?? []);
    const call = embed(embedder, [picture]);
    picture.fill(0);
    expectAlone(await call, [1]);
  });
});

test('rows are of unit length, for flat pictures too', async () => {
  const flat = [0, 255, 128].map((shade) => new Uint8Array(PICTURE).fill(shade));
  for (const some of [together([0, 1, 2, 3]), flat]) {
    const rows = await embed(embedder, some);
    for (let row = 0; row < some.length; row++) expect(Math.hypot(...rows.subarray(row * D, (row + 1) * D))).toBeCloseTo(1, 5);
  }
});

test.each([
  ['one of too few bytes', [PICTURE, PICTURE - 1]],
  ['one of too many bytes', [PICTURE + 3, PICTURE]],
  ['one without bytes', [0]],
  ['no picture', []],
])('%s is refused, and the pool works on', async (_, lengths) => {
  await expect(embed(embedder, lengths.map((length) => new Uint8Array(length)))).rejects.toMatchObject({ code: 'SLUICE_E_INTERNAL' });
  expectAlone(await embed(embedder, together([0])), [0]);
});

test('closing while calls are under way rejects them and what comes after; closing again does nothing', async () => {
  const other = await openEmbedder(2);
  const calls = Array.from({ length: 6 }, () => embed(other, together([0, 1, 2, 3])).catch((error: SluiceError) => error.code));
  await other.close();
  expect(await Promise.all(calls)).toEqual(calls.map(() => 'SLUICE_E_INTERRUPTED'));
  await expect(embed(other, together([0]))).rejects.toMatchObject({ code: 'SLUICE_E_INTERRUPTED' });
  await other.close();
});

test('after closing amid calls no thread is left: the process ends by itself, and well', async () => {
  const pool = JSON.stringify(new URL('../../../../infra/onnx/pool.ts', import.meta.url).href);
  const script = `
    const { openEmbedder } = await import(${pool});
    for (let i = 1; i <= 4; i++) {
      const embedder = await openEmbedder(2);
      const calls = [i, 9, 9, 9].map((n) => {
        const call = embedder.begin();
        for (let picture = 0; picture < n; picture++) call.add(new Uint8Array(${PICTURE}));
        return call.run();
      }).map((call) => call.then(() => 'embedded', (error) => error.code));
      await calls[0];
      // Both threads are within the model now.
      await embedder.close();
      console.log((await Promise.all(calls)).join());
    }
    console.log(process.getActiveResourcesInfo().filter((name) => /worker|message/i.test(name)).length);`;
  const file = join(here, 'close.mjs');
  writeFileSync(file, script);
  const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 20_000 });
  // How many calls were quick enough depends on the machine.
  const round = expect.stringMatching(/^embedded(,embedded)*(,SLUICE_E_INTERRUPTED)*$/);
  expect(stdout.trim().split('\n')).toEqual([round, round, round, round, '0']);
});
