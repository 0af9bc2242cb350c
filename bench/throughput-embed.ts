/** One process of the throughput bench: decode and embed a folder, nothing else. Prints seconds from the first item handed out to the last embedding. */
import { bufferCount, from, lastValueFrom, mergeMap, toArray } from 'rxjs';
import { SharpDecoder } from '../infra/media/sharp-decoder.ts';
import { openEmbedder } from '../infra/onnx/pool.ts';
import { openSource } from '../infra/sources/open.ts';
import { decode } from '../operators/decode.ts';
import { embed } from '../operators/embed.ts';
import { whileAlive } from '../operators/alive.ts';
import type { Decoded, Failed, Inspected, Numbered } from '../operators/items.ts';
import type { Entry } from '../operators/ports.ts';

const [folder = '', workers = '2', batch = '64'] = process.argv.slice(2);
// As `curate` has them.
const CHUNK = 16;
const DECODERS = 2;
const small = new Uint8Array();
const quality = { brightness: 0, contrast: 0, sharpness: 0, width: 0, height: 0 };
const source = await openSource(folder);
const embedder = await openEmbedder(Number(workers));
const decoder = new SharpDecoder(embedder.size, source.fit);
const start = performance.now();
let seq = 0;
let images = 0;
let reading: Promise<readonly Entry[]> = Promise.resolve([]);

/** Reads, decodes and embeds batches until the source ends. */
async function lane(): Promise<void> {
  for (;;) {
    // A source hands out one batch at a time.
    reading = reading.then(() => source.next(Number(batch)));
    const entries: Numbered[] = (await reading).map((entry) => ({ ...entry, seq: seq++ }));
    if (entries.length === 0) return;
    const items = from(entries).pipe(
      bufferCount(CHUNK),
      mergeMap((chunk) => from(chunk).pipe(decode(decoder, DECODERS), whileAlive<Decoded, Inspected, Failed>((item) => ({ ...item, small, quality })), embed(embedder)), Number(workers) + 2),
      toArray(),
    );
    const done = await lastValueFrom(items);
    images += done.length;
  }
}

// Two batches at once, as `curate` has them.
await Promise.all([lane(), lane()]);
process.stdout.write(`${JSON.stringify({ images, seconds: (performance.now() - start) / 1000 })}\n`);
await embedder.close();
await source.close();
