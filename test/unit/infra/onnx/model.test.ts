/** A model that is missing, broken or of another kind is told apart when the embedder is opened. */
import { readFile } from 'node:fs/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DEFAULT_MODEL, openEmbedder } from '../../../../infra/onnx/pool.ts';
import { SluiceError } from '../../../../schemas/errors.ts';
import { tinyModel } from './tiny-model.ts';

const here = mkdtempSync(join(tmpdir(), 'sluice-onnx-'));
afterAll(() => rmSync(here, { recursive: true }));

function modelOf(bytes: Uint8Array): string {
  const path = join(here, 'model.onnx');
  writeFileSync(path, bytes);
  return path;
}

async function failureOf(workers: number, model: string): Promise<{ code: string; message: string }> {
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
  ['another input', () => modelOf(tinyModel({ input: 'image', output: 'embedding', averaged: 2 })), /'image'/],
  ['another output', () => modelOf(tinyModel({ input: 'pixels', output: 'logits', averaged: 2 })), /^the model has no output "embedding" of float32$/],
  ['another dimension', () => modelOf(tinyModel({ input: 'pixels', output: 'embedding', averaged: 2 })), /^the model gives 3 numbers for a picture, not 256$/],
  ['a map instead of a vector', () => modelOf(tinyModel({ input: 'pixels', output: 'embedding', averaged: 1 })), /^the model gives 672 numbers for a picture, not 256$/],
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
