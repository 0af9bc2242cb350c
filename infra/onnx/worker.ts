/** One ONNX session on a thread of its own: run() blocks its thread. Messages: {id, pixels, n} in, {id, pixels, embedding} or {id, pixels, error} out; null ends it. */
import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { fed, feedOf, Misfit, type TensorFacts, unitRows } from './description.ts';
import type { EmbedReply, EmbedRequest, Loaded, WorkerSettings } from './protocol.ts';

const port = parentPort;
if (port === null) throw new Error('to be run as a worker');
const { model: { file, ...description }, closing } = workerData as WorkerSettings;
const session = await InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all' });
const feed = feedOf(description, factsOf(session.inputMetadata), factsOf(session.outputMetadata));
const { input, output, size, layout, levels } = feed;

port.on('message', (request: EmbedRequest) => {
  if (request === null) port.close();
  // What still waits when the pool is closed has been rejected there.
  if (request === null || Atomics.load(closing, 0) === 1) return;
  const { id, pixels, n } = request;
  embedded(pixels, n).then(
    (embedding) => reply({ id, pixels, embedding }, [pixels.buffer, embedding.buffer]),
    (error: unknown) => reply({ id, pixels, error: error instanceof Error ? error.message : String(error) }, [pixels.buffer]),
  );
});
// What it gives is seen at once, and not at the first picture.
const dimension = (await run(new Uint8Array(size * size * 3), 1)).length;
const loaded: Loaded = { size, dimension };
port.postMessage(loaded);

async function embedded(pixels: Uint8Array, n: number): Promise<Float32Array<ArrayBuffer>> {
  return unitRows(await run(pixels, n), dimension);
}

/** @returns [n, d], as they come */
async function run(pixels: Uint8Array, n: number): Promise<Float32Array<ArrayBuffer>> {
  const picture = size * size * 3;
  const most = feed.batch ?? n;
  const parts: Float32Array[] = [];
  // Of a model that takes so many at once, the last call is filled up with black ones.
  for (let at = 0; at < n; at += most) parts.push(await call(pixels.subarray(at * picture, Math.min(n, at + most) * picture), most));
  const rows = parts.length === 1 ? parts[0] : Float32Array.from(parts.flatMap((part) => [...part]));
  // A copy: the runtime owns the memory of its own result.
  return new Float32Array(rows ?? []);
}

/** One call of the model. @param pixels of at most `count` pictures */
async function call(pixels: Uint8Array, count: number): Promise<Float32Array> {
  const picture = size * size * 3;
  const given = pixels.length / picture;
  const whole = given === count ? pixels : Buffer.concat([pixels], count * picture);
  const values = fed(whole, feed);
  const shape = layout === 'nhwc' ? [count, size, size, 3] : [count, 3, size, size];
  const result = await session.run({ [input]: levels === null ? new Tensor('uint8', values as Uint8Array, shape) : new Tensor('float32', values as Float32Array, shape) });
  const found = result[output];
  if (!(found?.data instanceof Float32Array)) throw new Misfit(`its output "${output}" is ${found?.type ?? 'nothing'}, not float32`);
  const [n, d, ...sides] = found.dims;
  if (n !== count || d === undefined || d < 1 || sides.some((side) => side !== 1)) throw new Misfit(`its output "${output}" is [${found.dims.join(', ')}] for ${count} ${count === 1 ? 'picture' : 'pictures'}, not one vector each; take an output behind its pooling`);
  return found.data.subarray(0, given * d);
}

function factsOf(metadata: readonly InferenceSession.ValueMetadata[]): readonly TensorFacts[] {
  return metadata.map((each) => ({ name: each.name, type: each.isTensor ? each.type : 'no tensor', shape: each.isTensor ? each.shape : [] }));
}

function reply(message: EmbedReply, transfer: ArrayBuffer[]): void {
  port?.postMessage(message, transfer);
}
