/** The data set that is there already: what a run admits besides is what that lacks. Its items count as admitted where items are compared, and its labels where classes are counted. */
import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SharpDecoder } from '../infra/media/sharp-decoder.ts';
import { SharpThumbnails } from '../infra/media/thumbnail.ts';
import { openSource } from '../infra/sources/open.ts';
import { type KnownItem, openKnown, readKnown } from '../infra/store/known.ts';
import { openReader } from '../infra/store/reader.ts';
import { DATABASE } from '../infra/store/schema.ts';
import { isAlive } from '../operators/items.ts';
import type { Embedder, Entry, Fit } from '../operators/ports.ts';
import { Memory } from '../operators/state/memory.ts';
import { SluiceError } from '../schemas/errors.ts';
import { classesOf } from '../schemas/sample.ts';
import { closing } from './closing.ts';
import { printable } from './commands/printable.ts';
import { fetched } from './fetched.ts';
import { prepareBatch } from './prepare.ts';
import { ticker } from './progress.ts';

export interface Known {
  /** Ids begin with `known:`. Held whole: 1 KB an item at 256 dimensions. */
  readonly memory: Memory;
  /** Items that show each class. */
  readonly counts: ReadonlyMap<string, number>;
}

export interface KnownSettings {
  /** An output folder, or anything `curate` reads. */
  readonly place: string;
  /** Where looking does not tell it. */
  readonly format?: string | undefined;
  /** What the paths of a manifest or annotation file are relative to. */
  readonly root?: string | undefined;
  /** The folder of the run. */
  readonly out: string;
  /** Of the run: embeddings are compared. */
  readonly fit: Fit;
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly say: NodeJS.WriteStream;
}

/** Items embedded and kept in one go. */
const BATCH = 256;

/**
 * Embeds what was not embedded before. To be called by the one who holds the folder.
 * @throws SluiceError SLUICE_E_CONFIG_INVALID (it is the run's own folder, was made with another model), SLUICE_E_INTERRUPTED, and those of a source
 */
export async function know(settings: KnownSettings, embedder: Embedder): Promise<Known> {
  const { place, out } = settings;
  if (isRun(place)) return ofRun(place, out, embedder.identity);
  await embedKnown(settings, embedder);
  return stored(out);
}

/** As it was when the run was last at work. @param place as it is recorded */
export function knownBefore(place: string, out: string): Known {
  return isRun(place) ? ofRun(place, out, null) : stored(out);
}

function isRun(place: string): boolean {
  return existsSync(join(place, DATABASE));
}

/** @param model that its embeddings must be of; null where they are known to be */
function ofRun(dir: string, out: string, model: string | null): Known {
  if (existsSync(out) && realpathSync(dir) === realpathSync(out)) throw new SluiceError('SLUICE_E_CONFIG_INVALID', `--known ${dir} is the folder of --out, which knows what it has admitted`);
  const reader = openReader(dir);
  try {
    const own = reader.runs().at(-1)?.config.model;
    if (model !== null && own !== undefined && own !== model) throw new SluiceError('SLUICE_E_CONFIG_INVALID', `--known ${dir} was made with the model ${own}, this run has ${model}: their embeddings cannot be compared`);
    return collected((function* () {
      for (const { seq, id, digest, label } of reader.decisions('admit')) yield { id, digest, classes: classesOf(label) ?? [], embedding: reader.embedding(seq) };
    })());
  } finally {
    reader.close();
  }
}

function stored(out: string): Known {
  const store = readKnown(out);
  try {
    return collected(store.items());
  } finally {
    store.close();
  }
}

function collected(items: Iterable<Omit<KnownItem, 'stamp'>>): Known {
  let memory: Memory | null = null;
  const counts = new Map<string, number>();
  for (const { id, digest, classes, embedding } of items) {
    memory ??= new Memory(embedding.length);
    memory.add({ seq: memory.count, id: `known:${id}`, cluster: -1, digest, classes }, embedding);
    for (const name of classes) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return { memory: memory ?? new Memory(0), counts };
}

function embedKnown({ place, format, root, out, fit, workers, signal, say }: KnownSettings, embedder: Embedder): Promise<void> {
  return closing(async (later) => {
    const source = await openSource(place, { format, root, fit });
    later(() => source.close());
    const store = openKnown(out);
    later(() => store.close());
    const decoder = new SharpDecoder(embedder.size, fit);
    const thumbnails = new SharpThumbnails(embedder.size);
    let [embedded, held, bad] = [0, 0, 0];
    const shown = ticker(say, () => `known: ${held} items, ${embedded} embedded`);
    for (;;) {
      const entries = await source.next(BATCH);
      if (entries.length === 0) break;
      if (signal.aborted) throw new SluiceError('SLUICE_E_INTERRUPTED', `stopped while ${place} was embedded; what was embedded is kept`);
      const { again, fresh, failed } = await sorted(entries, store.has, `${embedder.identity} ${fit}`);
      const made = (await prepareBatch({ decoder, thumbnails, embedder, workers, objects: 0 }, await Promise.all(fresh.map(({ entry }, seq) => fetched({ ...entry, seq }))))).filter(isAlive);
      store.put(made.map(({ seq, sample, digest, embedding }) => ({ id: sample.id, stamp: fresh[seq]?.stamp ?? '', digest, classes: classesOf(sample.label) ?? [], embedding })), again);
      embedded += made.length;
      held += made.length + again.length;
      bad += failed + fresh.length - made.length;
      shown.tick();
    }
    store.sweep();
    shown.end(false);
    for (const warning of source.warnings()) say.write(`warning: known: ${printable(warning)}\n`);
    say.write(`known: ${held} items of ${printable(resolve(place))}, ${embedded} of them embedded now${bad > 0 ? `; ${bad} could not be read and are not known` : ''}\n`);
  });
}

type Sampled = Extract<Entry, { readonly sample: unknown }>;

interface Sorted {
  /** Embedded before. */
  readonly again: readonly Pick<KnownItem, 'id' | 'classes'>[];
  readonly fresh: readonly { readonly entry: Sampled; readonly stamp: string }[];
  readonly failed: number;
}

/** A file is the same as long as its size and the time of its last change are. @returns null where there is none */
async function stampOf({ sample, bytes, remote }: Sampled): Promise<string | null> {
  if (remote !== undefined) return remote.stamp;
  if (bytes !== undefined) return createHash('sha256').update(bytes).digest('hex');
  const found = await stat(sample.uri, { bigint: true }).catch(() => null);
  return found === null ? null : `${found.size} ${found.mtimeNs}`;
}

async function sorted(entries: readonly Entry[], has: (id: string, stamp: string) => boolean, how: string): Promise<Sorted> {
  const again: Pick<KnownItem, 'id' | 'classes'>[] = [];
  const fresh: { readonly entry: Sampled; readonly stamp: string }[] = [];
  let failed = 0;
  for (const entry of entries) {
    const found = 'sample' in entry ? await stampOf(entry) : null;
    if (!('sample' in entry) || found === null) {
      failed += 1;
      continue;
    }
    const { id, label } = entry.sample;
    const stamp = `${how} ${found}`;
    if (has(id, stamp)) again.push({ id, classes: classesOf(label) ?? [] });
    else fresh.push({ entry, stamp });
  }
  return { again, fresh, failed };
}
