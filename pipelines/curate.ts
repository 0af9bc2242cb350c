/**
 * The pipeline over a finite source on the embedded host:
 *
 *     source → gate → decode → inspect → embed (→ guard, known) → recall → arrive → cluster → audit → decide → alert → commit
 *
 * One batch is one finite Observable, awaited. While a batch is decided the index is asked for the next one, and up to two more are decoded and embedded.
 */
import { from, identity, lastValueFrom, toArray, type OperatorFunction } from 'rxjs';
import { alert } from '../operators/alert.ts';
import { arrive } from '../operators/arrive.ts';
import { audit } from '../operators/audit.ts';
import { campaign } from '../operators/campaign.ts';
import { cluster } from '../operators/cluster.ts';
import { commit } from '../operators/commit.ts';
import { decide } from '../operators/decide.ts';
import { isAlive, type Aside, type Embedded, type Numbered, type Unchanged } from '../operators/items.ts';
import type { Batch, Embedder, ImageDecoder, Media, Store, Thumbnails, VectorIndex } from '../operators/ports.ts';
import { gate } from '../operators/gate.ts';
import { guard } from '../operators/guard.ts';
import { keepGate } from '../operators/keep-gate.ts';
import { known } from '../operators/known.ts';
import { recall } from '../operators/recall.ts';
import type { Campaign } from '../operators/state/campaigns.ts';
import type { Engine } from '../operators/state/engine.ts';
import type { Reservoir } from '../operators/state/reservoir.ts';
import type { Memory } from '../operators/state/memory.ts';
import { SluiceError } from '../schemas/errors.ts';
import type { Intake } from './intake.ts';
import { prepareBatch } from './prepare.ts';

/** What another data set holds, with an index of its own. */
export interface Guarded {
  readonly index: VectorIndex;
  readonly memory: Memory;
}

export interface Parts {
  readonly intake: Intake;
  readonly decoder: ImageDecoder;
  readonly thumbnails: Thumbnails;
  /** Where admitted pictures go that are no files. */
  readonly media: Media;
  readonly embedder: Embedder;
  /** Threads of the embedder. */
  readonly workers: number;
  /** Objects of a picture that are embedded as crops, at most; 0: labels are not looked at. */
  readonly objects: number;
  readonly index: VectorIndex;
  /** What must not be admitted again; null where nothing is guarded. */
  readonly guarded: Guarded | null;
  /** What is there already and counts as admitted; left out or null where nothing is. */
  readonly known?: Guarded | null;
  /** What people ask for by now; the same list until it changes. */
  readonly campaigns: () => readonly Campaign[];
  /** Which rejected items keep a thumbnail; all, where it is left out. */
  readonly rejects?: Reservoir;
  readonly store: Store;
  readonly engine: Engine;
}

export interface CurateOptions {
  /** Entries a source hands out at once and a transaction holds; changes no decision. */
  readonly batch: number;
  /** Ends the run after the batch under way. */
  readonly signal: AbortSignal;
  /** Called after each commit. */
  readonly onCommit: (batch: Batch) => void;
}

/** Batches that are decoded and embedded at once. */
const UNDER_WAY = 2;

/** What went through the model. */
export interface Embeddings {
  readonly images: number;
  /** Crops of objects, and of what lies beside them. */
  readonly objects: number;
}

/** Decides all that the source holds. */
export async function curate(parts: Parts, options: CurateOptions): Promise<Embeddings> {
  const settle = settling(parts);
  let [images, objects] = [0, 0];
  /** The batch that is being decided, or waits for its turn. */
  let underWay: Promise<Batch> | null = null;
  try {
    for await (const items of prepared(parts, options)) {
      const alive = items.filter(isAlive);
      images += alive.length;
      objects += alive.reduce((sum, item) => sum + item.objects.length + (item.background === undefined ? 0 : 1), 0);
      const before: Promise<Batch> | null = underWay;
      underWay = settle(items);
      // Should the one before it fail, it fails alike, and is awaited below.
      underWay.catch(() => {});
      if (before !== null) options.onCommit(await before);
      if (options.signal.aborted) break;
    }
  } finally {
    // Also where no further batch could be prepared: this one is whole.
    if (underWay !== null) options.onCommit(await underWay);
  }
  return { images, objects };
}

/**
 * Hands out batches in order, each decoded and embedded; while one is in use the next is being prepared.
 * Nothing is left running behind whoever ends early: a thread must not be ended while it is in a call of the model (that ends the process).
 */
async function* prepared(parts: Parts, { batch, signal }: CurateOptions): AsyncGenerator<readonly (Embedded | Aside)[]> {
  const { intake } = parts;
  const gated = gate(parts.engine.gates.ahead());
  // Part of the preparation: what is guarded or known does not change, so a batch need not wait for the one before it.
  const compared = besides(parts.guarded, parts.known ?? null);
  let over = false;
  const decoder: ImageDecoder = { decode: (image, regionsOf) => (over ? Promise.reject(new SluiceError('SLUICE_E_INTERRUPTED', 'the run has ended')) : parts.decoder.decode(image, regionsOf)) };
  let reading: Promise<readonly (Numbered | Unchanged)[]> = Promise.resolve([]);
  const begin = (): Promise<readonly (Embedded | Aside)[]> => {
    reading = reading.then(() => (signal.aborted ? [] : intake.next(batch))).then((entries) => entries.map(gated));
    const items = reading.then((entries) => prepareBatch({ ...parts, decoder }, entries)).then((made) => lastValueFrom(from(made).pipe(compared, toArray())));
    // Where an earlier batch fails, nobody awaits this one any more.
    items.catch(() => {});
    return items;
  };
  const underWay = Array.from({ length: UNDER_WAY }, begin);
  try {
    for (;;) {
      const items = await (underWay.shift() ?? begin());
      if (items.length === 0) return;
      yield items;
      underWay.push(begin());
    }
  } finally {
    over = true;
    await Promise.allSettled(underWay);
  }
}

/** Compares items with the data sets beside this one. */
export function besides(guarded: Guarded | null, held: Guarded | null): OperatorFunction<Embedded | Aside, Embedded | Aside> {
  const guards: OperatorFunction<Embedded | Aside, Embedded | Aside> = guarded === null ? identity : guard(guarded.index, guarded.memory);
  const knows: OperatorFunction<Embedded | Aside, Embedded | Aside> = held === null ? identity : known(held.index, held.memory);
  return (source) => source.pipe(guards, knows);
}

/** What needs the state: item by item, in the order of the stream. The next batch may come when one is not decided yet: the index is asked, and it waits for its turn. */
export function settling({ index, engine, store, thumbnails, media, rejects, campaigns }: Omit<Parts, 'intake' | 'guarded' | 'known'>): (items: readonly (Embedded | Aside)[]) => Promise<Batch> {
  let last: Promise<unknown> = Promise.resolve();
  const recalled = recall(index, engine.memory, () => last);
  return (items) => {
    const settled = lastValueFrom(from(items).pipe(recalled, keepGate(engine), campaign(engine, campaigns), arrive(engine), cluster(engine), audit(engine), decide(engine), alert(engine), commit(store, engine, thumbnails, media, rejects)));
    last = settled;
    return settled;
  };
}
