/** One ONNX session on a thread of its own: run() blocks its thread. Messages: {id, pixels, n} in, {id, pixels, embedding} or {id, pixels, error} out; null ends it. */
import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { LOADED, type EmbedReply, type EmbedRequest, type WorkerSettings } from './protocol.ts';

const port = parentPort;
if (port === null) throw new Error('to be run as a worker');
const { model, size, dimension, input, output, closing } = workerData as WorkerSettings;
const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all' });

port.on('message', (request: EmbedRequest) => {
  if (request === null) port.close();
  // What still waits when the pool is closed has been rejected there.
  if (request === null || Atomics.load(closing, 0) === 1) return;
  const { id, pixels, n } = request;
  run(pixels, n).then(
    (embedding) => reply({ id, pixels, embedding }, [pixels.buffer, embedding.buffer]),
    (error: unknown) => reply({ id, pixels, error: error instanceof Error ? error.message : String(error) }, [pixels.buffer]),
  );
});
// A model of another kind loads as well: better that it is told apart now than at the first picture.
const { length } = await run(new Uint8Array(size * size * 3), 1);
if (length !== dimension) throw new Error(`the model gives ${length} numbers for a picture, not ${dimension}`);
port.postMessage(LOADED);

async function run(pixels: Uint8Array, n: number): Promise<Float32Array<ArrayBuffer>> {
  const batch = pixels.subarray(0, n * size * size * 3);
  const result = await session.run({ [input]: new Tensor('uint8', batch, [n, size, size, 3]) });
  const data = result[output]?.data;
  if (!(data instanceof Float32Array)) throw new Error(`the model has no output "${output}" of float32`);
  // A copy: the runtime owns the memory of its own result.
  return data.slice();
}

function reply(message: EmbedReply, transfer: ArrayBuffer[]): void {
  port?.postMessage(message, transfer);
}
