/**
 * What a micro-batch writes to the changelog, and what a restore makes of it. Beside the engine's own records it holds how far other partitions were heard, the
 * embeddings that a restore would ask for and the ids that a repeat is known by: those of the last `REACH` items and of all in the memory, and hashes of those before them
 * (known-ids.ts). Where labels may come for them, the embeddings of the last `REACH` are at hand as well.
 */
import type { Batch, ForgettableItems } from '../../operators/ports.ts';
import { Packer, Unpacker } from '../../operators/state/codec.ts';
import type { Engine } from '../../operators/state/engine.ts';
import { REACH, type Labellable } from '../../operators/state/late-label.ts';
import type { Change } from '../../schemas/decision.ts';
import type { Told } from '../../schemas/told.ts';
import { IDS, KnownIds } from './known-ids.ts';
import type { Heard, News } from './news.ts';

/** What is no longer needed goes when the seq passes a multiple of this. */
const SWEEP_EVERY = 1000;
/** Stands for an embedding that no restore asks for. */
const NOT_ASKED = new Float32Array();

/** Who an item is. */
export interface Known {
  readonly id: string;
  readonly stream: string;
  readonly admitted: boolean;
  /** Null for what came earlier than the last `REACH` items, and where no labels come. */
  readonly embedding: Float32Array | null;
}

export interface Totals {
  readonly decided: number;
  readonly admitted: number;
  readonly dead: number;
}

export class Journal implements ForgettableItems {
  readonly #engine: Engine;
  readonly #lateLabels: boolean;
  /** Items by seq, oldest first. */
  readonly #held = new Map<number, Known>();
  readonly #ids = new Map<string, number>();
  /** Of items that are not held any more. */
  readonly #former: KnownIds;
  /** What the last batch let go: it may have amended one of them before. */
  readonly #left = new Map<number, Known>();
  /** Forgotten items that are not written yet, and what is to be written of them. */
  readonly #going = new Map<number, Known>();
  #gone: Change[] = [];
  #totals: Totals = { decided: 0, admitted: 0, dead: 0 };
  readonly #heard = new Map<number, number>();
  /** What of it is not written yet. */
  #hearing: Heard = new Map();

  /**
   * @param lateLabels whether labels may come for items that are decided
   * @param knownIds ids that are known at least, of items that are not held any more
   */
  constructor(engine: Engine, lateLabels: boolean, knownIds: number) {
    this.#engine = engine;
    this.#lateLabels = lateLabels;
    this.#former = new KnownIds(knownIds);
  }

  get totals(): Totals {
    return this.#totals;
  }

  /** The seq the next item gets. */
  get nextSeq(): number {
    return this.#totals.decided + this.#totals.dead;
  }

  /** What is told that the engine has not heard; from now on it has. @param partition that of this journal */
  news(from: News, partition: number): readonly Told[] {
    const { told, heard } = from.since(this.#heard, partition);
    for (const [other, offset] of heard) this.#heard.set(other, offset);
    this.#hearing = heard;
    return told;
  }

  /** Whether an item with this id was decided, as far back as that is known. */
  knows(id: string): boolean {
    return this.#ids.has(id) || this.#former.has(id);
  }

  find(id: string): Labellable | null {
    const seq = this.#ids.get(id);
    const item = seq === undefined ? undefined : this.#held.get(seq);
    if (seq === undefined || item === undefined) return null;
    const embedding = item.embedding ?? this.#engine.embedding(seq);
    return embedding === null ? null : { seq, stream: item.stream, admitted: item.admitted, embedding };
  }

  /** A hash of its id stays, so that a repeat is not decided anew. */
  forget(id: string): void {
    const seq = this.#ids.get(id);
    const item = seq === undefined ? undefined : this.#held.get(seq);
    if (seq === undefined || item === undefined) return;
    this.#held.delete(seq);
    this.#ids.delete(id);
    this.#going.set(seq, item);
    this.#gone.push({ kind: 'item', key: seq, value: null }, ...this.#former.add([id]));
  }

  /** Who the item with this seq is. @throws where it was let go before the last batch */
  who(seq: number): Known {
    const item = this.#held.get(seq) ?? this.#left.get(seq);
    if (item === undefined) throw new Error(`item ${seq} is no longer known`);
    return item;
  }

  /** The changelog records of a batch: the engine's, the embeddings, the totals. */
  *records({ decisions, dead, changes }: Batch): Iterable<Change> {
    const before = this.nextSeq;
    this.#left.clear();
    // One that was forgotten may have been amended just before.
    for (const [seq, item] of this.#going) this.#left.set(seq, item);
    this.#going.clear();
    const { decided, admitted, dead: buried } = this.#totals;
    this.#totals = { decided: decided + decisions.length, admitted: admitted + decisions.filter(({ verdict }) => verdict === 'admit').length, dead: buried + dead.length };
    yield* changes;
    for (const [partition, offset] of this.#hearing) yield { kind: 'heard', key: partition, value: new Packer().f64(offset).done() };
    this.#hearing = new Map();
    yield* this.#gone;
    this.#gone = [];
    // Whatever asks for an embedding does so from the item's own decision on, but for a label.
    const asked = this.#lateLabels ? () => true : this.#engine.needs();
    for (const { seq, id, stream, verdict, embedding } of decisions) {
      const item = { id, stream, admitted: verdict === 'admit', embedding };
      this.#hold(seq, item);
      yield { kind: 'item', key: seq, value: new Packer().text(id).text(stream).f64(item.admitted ? 1 : 0).f32s(asked(seq) ? embedding : NOT_ASKED).done() };
    }
    yield { kind: 'totals', key: 0, value: new Packer().f64(this.#totals.decided, this.#totals.admitted, this.#totals.dead).done() };
    if (Math.floor(this.nextSeq / SWEEP_EVERY) > Math.floor(before / SWEEP_EVERY)) yield* this.#sweep();
  }

  #hold(seq: number, item: Known): void {
    this.#held.set(seq, this.#lateLabels && seq >= this.#recent ? item : { ...item, embedding: null });
    this.#ids.set(item.id, seq);
  }

  /** The first of the last `REACH` items. */
  get #recent(): number {
    return this.nextSeq - REACH;
  }

  *#sweep(): Iterable<Change> {
    const needs = this.#engine.needs();
    const recent = this.#recent;
    const gone: string[] = [];
    for (const [seq, item] of this.#held) {
      if (seq >= recent) break;
      if (needs(seq)) {
        if (item.embedding !== null) this.#hold(seq, item);
        continue;
      }
      this.#held.delete(seq);
      this.#left.set(seq, item);
      this.#ids.delete(item.id);
      gone.push(item.id);
      yield { kind: 'item', key: seq, value: null };
    }
    yield* this.#former.add(gone);
  }

  /** Takes up what the changelog holds. @param changes one for each (kind, key), in any order */
  restore(changes: Iterable<Change>): void {
    const own: Change[] = [];
    const former: { readonly key: number; readonly value: Uint8Array }[] = [];
    const items = new Map<number, Known>();
    for (const change of changes) {
      const { kind, key, value } = change;
      if (value === null) continue;
      const from = new Unpacker(value);
      if (kind === 'item') {
        const [id, stream, admitted, embedding] = [from.text(), from.text(), from.f64() === 1, from.f32s()];
        items.set(key, { id, stream, admitted, embedding: embedding.length === 0 ? null : embedding });
      } else if (kind === 'heard') {
        this.#heard.set(key, from.f64());
      } else if (kind === 'totals') {
        this.#totals = { decided: from.f64(), admitted: from.f64(), dead: from.f64() };
      } else if (kind === IDS) {
        former.push({ key, value });
      } else {
        own.push(change);
      }
    }
    for (const { key, value } of former.sort((a, b) => a.key - b.key)) this.#former.restoreRow(key, value);
    for (const [seq, item] of [...items].sort(([a], [b]) => a - b)) this.#hold(seq, item);
    own.sort((a, b) => (a.kind === b.kind ? a.key - b.key : a.kind < b.kind ? -1 : 1));
    this.#engine.restore(own, (seq) => {
      const embedding = items.get(seq)?.embedding ?? null;
      if (embedding === null) throw new Error(`the changelog lacks the embedding of item ${seq}`);
      return embedding;
    });
  }
}
