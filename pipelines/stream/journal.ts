/**
 * What a micro-batch writes to the changelog, and what a restore makes of it. Beside the engine's own records it holds the embeddings that a restore
 * would ask for and the ids that a repeat is known by: those of the last `RECENT` decided items and of all in the memory.
 */
import type { Batch } from '../../operators/ports.ts';
import { Packer, Unpacker } from '../../operators/state/codec.ts';
import type { Engine } from '../../operators/state/engine.ts';
import type { Change } from '../../schemas/decision.ts';

/** Decided items whose ids are known for certain. */
const RECENT = 20_000;
/** What is no longer needed goes when the seq passes a multiple of this. */
const SWEEP_EVERY = 1000;

/** Who an item is. */
export interface Known {
  readonly id: string;
  readonly stream: string;
}

export interface Totals {
  readonly decided: number;
  readonly admitted: number;
  readonly dead: number;
}

export class Journal {
  readonly #engine: Engine;
  /** Items by seq, oldest first. */
  readonly #held = new Map<number, Known>();
  readonly #ids = new Set<string>();
  #totals: Totals = { decided: 0, admitted: 0, dead: 0 };

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get totals(): Totals {
    return this.#totals;
  }

  /** The seq the next item gets. */
  get nextSeq(): number {
    return this.#totals.decided + this.#totals.dead;
  }

  /** Whether an item with this id was decided, as far back as that is known. */
  knows(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Who the item with this seq is. @throws where its embedding is needed no more */
  who(seq: number): Known {
    const item = this.#held.get(seq);
    if (item === undefined) throw new Error(`item ${seq} is no longer known`);
    return item;
  }

  /** The changelog records of a batch: the engine's, the embeddings, the totals. */
  *records({ decisions, dead, changes }: Batch): Iterable<Change> {
    const before = this.nextSeq;
    const { decided, admitted, dead: buried } = this.#totals;
    this.#totals = { decided: decided + decisions.length, admitted: admitted + decisions.filter(({ verdict }) => verdict === 'admit').length, dead: buried + dead.length };
    yield* changes;
    for (const { seq, id, stream, embedding } of decisions) {
      this.#hold(seq, { id, stream });
      yield { kind: 'item', key: seq, value: new Packer().text(id).text(stream).f32s(embedding).done() };
    }
    yield { kind: 'totals', key: 0, value: new Packer().f64(this.#totals.decided, this.#totals.admitted, this.#totals.dead).done() };
    if (Math.floor(this.nextSeq / SWEEP_EVERY) > Math.floor(before / SWEEP_EVERY)) yield* this.#sweep();
  }

  #hold(seq: number, item: Known): void {
    this.#held.set(seq, item);
    this.#ids.add(item.id);
  }

  *#sweep(): Iterable<Change> {
    const needed = this.#engine.needed();
    const recent = this.nextSeq - RECENT;
    for (const [seq, { id }] of this.#held) {
      if (seq >= recent) return;
      if (needed.has(seq)) continue;
      this.#held.delete(seq);
      this.#ids.delete(id);
      yield { kind: 'item', key: seq, value: null };
    }
  }

  /** Takes up what the changelog holds. @param changes one for each (kind, key), in any order */
  restore(changes: Iterable<Change>): void {
    const own: Change[] = [];
    const embeddings = new Map<number, Float32Array>();
    const items = new Map<number, Known>();
    for (const change of changes) {
      const { kind, key, value } = change;
      if (value === null) continue;
      const from = new Unpacker(value);
      if (kind === 'item') {
        items.set(key, { id: from.text(), stream: from.text() });
        embeddings.set(key, from.f32s());
      } else if (kind === 'totals') {
        this.#totals = { decided: from.f64(), admitted: from.f64(), dead: from.f64() };
      } else {
        own.push(change);
      }
    }
    for (const [seq, item] of [...items].sort(([a], [b]) => a - b)) this.#hold(seq, item);
    own.sort((a, b) => (a.kind === b.kind ? a.key - b.key : a.kind < b.kind ? -1 : 1));
    this.#engine.restore(own, (seq) => {
      const embedding = embeddings.get(seq);
      if (embedding === undefined) throw new Error(`the changelog lacks the embedding of item ${seq}`);
      return embedding;
    });
  }
}
