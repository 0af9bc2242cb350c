/** A model that is missing, broken or of another kind is told apart when the embedder is opened. */
import { readFile } from 'node:fs/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DEFAULT_MODEL, openEmbedder } from '../../../../infra/onnx/pool.ts';
import type { ModelDescription } from '../../../../infra/onnx/description.ts';
import { SluiceError } from '../../../../schemas/errors.ts';
import { tinyModel } from './tiny-model.ts';

const here = mkdtempSync(join(tmpdir(), 'sluice-onnx-'));
afterAll(() => rmSync(here, { recursive: true }));

function modelOf(bytes: Uint8Array): string {
  const path = join(here, 'model.onnx');
  writeFileSync(path, bytes);
  return path;
}

async function failureOf(workers: number, model: string | ModelDescription): Promise<{ code: string; message: string }> {
  const thrown = await openEmbedder(workers, model).then(
    (embedder) => embedder.close(),
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(SluiceError);
  return thrown as SluiceError;
}

const good = await readFile(DEFAULT_MODEL);

test.each<[string, () => string, RegExp]>([
  ['none at all', () => join(here, 'gone.onnx'), /^the model gone\.onnx could not be read$/],
  ['a folder', () => here, /could not be read/],
  ['an empty file', () => modelOf(Buffer.alloc(0)), /./],
  ['a text', () => modelOf(Buffer.from('not a model\n')), /protobuf|parse|load/i],
  ['the first half of a good one', () => modelOf(good.subarray(0, good.length >> 1)), /protobuf|parse|load/i],
  ['a map instead of a vector', () => modelOf(tinyModel({ averaged: 1 })), /^the model model\.onnx does not fit: its output "embedding" is \[1, 224, 3\] for 1 picture, not one vector each; take an output behind its pooling$/],
  ['floats, and no word of their scale', () => modelOf(tinyModel({ input: 'x', type: 'float32', shape: ['n', 3, 64, 64] })), /its input "x" is float32 \[n, 3, 64, 64\], and does not tell how pictures are scaled: describe it with "mean" and "std"/],
  ['other numbers', () => modelOf(tinyModel({ type: 'int64' })), /its input "pixels" is int64 \[n, 224, 224, 3\]; uint8 and float32 can be fed/],
  ['no channels', () => modelOf(tinyModel({ shape: ['n', 224, 224, 4] })), /is uint8 \[n, 224, 224, 4\], without a side of 3 channels/],
  ['any size', () => modelOf(tinyModel({ shape: ['n', 'h', 'w', 3] })), /of any size: describe it with "size"/],
  ['two layouts', () => modelOf(tinyModel({ shape: ['n', 3, 32, 3] })), /does not tell where the channels are: describe it with "layout"/],
])('%s', async (_, model, cause) => {
  const { code, message } = await failureOf(2, model());
  expect(code).toBe('SLUICE_E_MODEL');
  expect(message).toMatch(cause);
});

test('no workers are a fault of the caller', async () => {
  for (const workers of [0, -1, 1.5, Number.NaN]) expect((await failureOf(workers, DEFAULT_MODEL)).code).toBe('SLUICE_E_INTERNAL');
});

test('the same bytes have the same identity, others another', async () => {
  const [a, b] = [await openEmbedder(1), await openEmbedder(1, modelOf(good))];
  await Promise.all([a.close(), b.close()]);
  expect(a.identity).toMatch(/^efficientnet-lite0-256-int8\.onnx#[0-9a-f]{16}$/);
  expect(b.identity).toBe(a.identity.replace(/.*#/, 'model.onnx#'));
  expect([a.size, a.dimension]).toEqual([224, 256]);
});

const COLOUR = [200, 100, 50] as const;

/** The embedding of a picture of one colour, with a black one before it. */
async function seen(model: ModelDescription): Promise<readonly number[]> {
  const embedder = await openEmbedder(1, model);
  try {
    const call = embedder.begin();
    const plane = embedder.size * embedder.size;
    call.add(Uint8Array.from({ length: 3 * plane }, () => 10));
    call.add(Uint8Array.from({ length: 3 * plane }, (_, i) => COLOUR[i % 3] ?? 0));
    const rows = await call.run();
    expect([embedder.dimension, rows.length]).toEqual([3, 6]);
    return [...rows.subarray(3)];
  } finally {
    await embedder.close();
  }
}

function unit(values: readonly number[]): unknown {
  const length = Math.hypot(...values);
  return values.map((value) => expect.closeTo(value / length, 4) as number);
}

test('a model of bytes of any names, size and dimension is taken as it is, and its vectors are made unit length', async () => {
  expect(await seen({ file: modelOf(tinyModel({ input: 'image', output: 'vector', shape: ['batch', 40, 40, 3] })) })).toEqual(unit(COLOUR));
  expect(await seen({ file: modelOf(tinyModel({ shape: ['n', 'h', 'w', 3] })), size: 16, channels: 'bgr' })).toEqual(unit([...COLOUR].reverse()));
  expect(await seen({ file: modelOf(tinyModel({ shape: ['n', 3, 24, 24] })) })).toEqual(unit(COLOUR));
});

test('a model of floats is fed as it is described, one picture at a time where it takes but one', async () => {
  const [mean, std] = [[0.5, 0.25, 0.1], [0.2, 0.3, 0.4]];
  const scaled = (colour: readonly number[]): readonly number[] => colour.map((level, i) => (level / 255 - (mean[i] ?? 0)) / (std[i] ?? 1));
  expect(await seen({ file: modelOf(tinyModel({ type: 'float32', shape: ['n', 3, 32, 32] })), mean, std })).toEqual(unit(scaled(COLOUR)));
  expect(await seen({ file: modelOf(tinyModel({ type: 'float32', shape: [1, 3, 32, 32] })), mean, std, channels: 'bgr' })).toEqual(unit(scaled([...COLOUR].reverse())));
  expect(await seen({ file: modelOf(tinyModel({ type: 'float32', shape: ['n', 'h', 'w', 3] })), mean, std, size: 20 })).toEqual(unit(scaled(COLOUR)));
});

test.each<[Partial<ModelDescription>, RegExp]>([
  [{ input: 'x' }, /it has no input "x", but "pixels" uint8 \[n, 224, 224, 3\]$/],
  [{ output: 'y' }, /it has no output "y", but "embedding" float32 \[n, 3\]$/],
  [{ size: 100 }, /is uint8 \[n, 224, 224, 3\], and squares of 100 do not fit$/],
  [{ layout: 'nchw' }, /is uint8 \[n, 224, 224, 3\], which is not nchw$/],
  [{ mean: [0, 0, 0], std: [1, 1, 1] }, /bytes as they are, without "mean" and "std"$/],
])('a description that is not of the model is told: %j', async (said, cause) => {
  const { code, message } = await failureOf(1, { file: modelOf(tinyModel()), ...said });
  expect([code, message]).toEqual(['SLUICE_E_MODEL', expect.stringMatching(cause)]);
});

test('a vector without direction is no embedding', async () => {
  await expect(seen({ file: modelOf(tinyModel({ type: 'float32', shape: ['n', 3, 8, 8] })), mean: COLOUR.map((level) => level / 255), std: [1e9, 1e9, 1e9].map((value) => value * 1e9) })).rejects.toThrow('without direction');
});

test('what is said of a model is part of its identity', async () => {
  const file = modelOf(tinyModel({ type: 'float32', shape: ['n', 3, 8, 8] }));
  const identities = await Promise.all([[0, 0, 0], [0.5, 0.5, 0.5]].map(async (mean) => {
    const embedder = await openEmbedder(1, { file, mean, std: [1, 1, 1] });
    await embedder.close();
    return embedder.identity;
  }));
  expect(new Set(identities).size).toBe(2);
});
