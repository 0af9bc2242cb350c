/**
 * A stream of embedded items through the operators and the engine that `curate` runs:
 *
 *     items → recall → arrive → cluster → audit → decide → alert
 */
import { from, lastValueFrom, toArray } from 'rxjs';
import { openIndex } from '../../infra/faiss/index.ts';
import { alert } from '../../operators/alert.ts';
import { arrive } from '../../operators/arrive.ts';
import { audit } from '../../operators/audit.ts';
import { cluster } from '../../operators/cluster.ts';
import { decide } from '../../operators/decide.ts';
import { type Decided, type Embedded, isAlive } from '../../operators/items.ts';
import { recall } from '../../operators/recall.ts';
import { Engine, type EngineSettings } from '../../operators/state/engine.ts';
import { DEFAULT_POLICY } from '../../pipelines/config/policy.ts';
import { type EmbeddedSet, row } from './embeddings.ts';

/** One item of a stream: a row of an embedded set, and what the stream says of it. */
export interface StreamItem {
  readonly row: number;
  readonly label: string | null;
  readonly stream?: string;
  /** Where the same row comes more than once. */
  readonly id?: string;
}

export const BATCH = 64;

/** @returns each item's verdict with all that led to it, in order */
export async function runEngine(set: EmbeddedSet, items: readonly StreamItem[], settings: Partial<EngineSettings>): Promise<readonly Decided[]> {
  const all: Decided[] = [];
  for await (const item of decided(set.dimension, items.map((each, seq) => embeddedItem(set, each, seq)), settings)) all.push(item);
  return all;
}

/** The same for items that are embedded already, as they are decided: one batch of them is held. */
export async function* decided(dimension: number, items: Iterable<Embedded>, settings: Partial<EngineSettings>): AsyncGenerator<Decided> {
  const index = await openIndex(dimension);
  try {
    const engine = new Engine({ policy: DEFAULT_POLICY, purpose: 'train', budget: 0.25, seed: 0, reveal: { when: 'never' }, lateLabels: false, ...settings, dimension });
    const recalled = recall(index, engine.memory);
    for (const batch of batches(items)) {
      yield* (await lastValueFrom(from(batch).pipe(recalled, arrive(engine), cluster(engine), audit(engine), decide(engine), alert(engine), toArray()))).filter(isAlive);
      // Nothing is stored here: what a commit would write is let go.
      engine.takeChanges();
    }
  } finally {
    await index.close();
  }
}

function* batches(items: Iterable<Embedded>): Generator<readonly Embedded[]> {
  let batch: Embedded[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

export function embeddedItem(set: EmbeddedSet, { row: i, label, stream = 'default', id = set.paths[i] ?? '' }: StreamItem, seq: number): Embedded {
  const [quality, digest] = [set.quality[i], set.digests[i]];
  if (quality === undefined || digest === undefined) throw new Error(`${set.name} has no row ${i}`);
  return { seq, sample: { id, uri: id, stream, time: null, label, origin: null }, quality, digest, small: new Uint8Array(), embedding: row(set, i), objects: [] };
}
