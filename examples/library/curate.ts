/**
 * Sluice's operators in an RxJS pipeline of one's own: the images of a folder, a quarter of them chosen, one line each on stdout.
 *
 *     node curate.ts FOLDER
 */
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { bufferCount, concatMap, filter, from, lastValueFrom, tap } from 'rxjs';
import { arrive, audit, cluster, decide, decode, embed, Engine, inspect, isAlive, type Numbered, recall } from 'sluice/operators';
import { openEmbedder, openIndex, policyOf, SharpDecoder, SharpThumbnails } from 'sluice/parts';

const folder = resolve(process.argv[2] ?? '.');
const names = (await readdir(folder)).sort();
const entries = names.map((id, seq): Numbered => ({ seq, sample: { id, uri: join(folder, id), stream: 'default', time: null, label: null, origin: null } }));

// One thread for the model; the index is a process of its own.
const embedder = await openEmbedder(1);
const index = await openIndex(embedder.dimension);
try {
  const engine = new Engine({
    policy: policyOf({ weights: { novelty: 2 } }),
    purpose: 'train',
    validationShare: 0,
    budget: 0.25,
    seed: 0,
    reveal: { when: 'never' },
    lateLabels: false,
    dimension: embedder.dimension,
  });
  const recalled = recall(index, engine.memory);
  const decided = from(entries).pipe(
    // One batch at a time: what the next one finds in the memory is then the same on every run.
    bufferCount(32),
    concatMap((batch) =>
      from(batch).pipe(
        decode(new SharpDecoder(embedder.size, 'squash'), 2),
        inspect(new SharpThumbnails(embedder.size)),
        embed(embedder),
        recalled,
        arrive(engine),
        cluster(engine),
        audit(engine),
        decide(engine),
      ),
    ),
    filter(isAlive),
    tap(({ sample, judgement: { verdict, reasons } }) => console.log(`${verdict} ${sample.id} ${reasons[0]?.code ?? ''}`)),
  );
  await lastValueFrom(decided, { defaultValue: null });
} finally {
  await index.close();
  await embedder.close();
}
