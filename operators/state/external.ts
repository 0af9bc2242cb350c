/**
 * What comes from outside a stream's own order, such as labels that come later and what other engines tell. Each such event is logged with the seq of the item after which it took effect,
 * so that a replay applies it there. A recovery need not: what an event changed is state like any other, written in the same transaction.
 */
import type { Change } from '../../schemas/decision.ts';
import { Packer, Unpacker } from './codec.ts';
import { labelledId } from './late-label.ts';

/** Bounds of the log; beyond them the oldest go. */
const KEPT = 20_000;
const KEPT_BYTES = 64 * 2 ** 20;

const KIND = 'external';
/** Kinds whose payload begins as a label does. */
const NAMING: ReadonlySet<string> = new Set(['label', 'correction']);

interface Kept {
  readonly bytes: number;
  /** Of the item that it names; null where it names none. */
  readonly id: string | null;
}

export interface External {
  /** What it is, and with that how its payload is read: `label` and `correction` (late-label.ts), `hear` (pack-told.ts), `tell` (none), `campaigns` (campaigns.ts), `silent` (silence.ts), `forget` (forget.ts), `turn` (turn.ts). */
  readonly kind: string;
  /** Seq of the item after which it took effect; -1: before all. */
  readonly after: number;
  readonly payload: Uint8Array;
}

export class ExternalLog {
  #next = 0;
  /** The events in the log by their number, oldest first. */
  readonly #kept = new Map<number, Kept>();
  /** Numbers of those that name an item, by its id. */
  readonly #naming = new Map<string, Set<number>>();
  #bytes = 0;
  #changes: Change[] = [];

  /** @returns the number of the event, one more than that of the last */
  add(event: External): number {
    const n = this.#next;
    const value = packExternal(event);
    this.#keep(n, value.length, event);
    this.#changes.push({ kind: KIND, key: n, value });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT && this.#bytes <= KEPT_BYTES) break;
      this.#drop(oldest);
    }
    return n;
  }

  /** What events told of items with these ids is not to be known any more; their numbers stay taken. */
  forget(ids: Iterable<string>): void {
    for (const id of ids) for (const key of this.#naming.get(id) ?? []) this.#drop(key);
  }

  #drop(key: number): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#bytes -= kept.bytes;
    this.#changes.push({ kind: KIND, key, value: null });
    if (kept.id === null) return;
    const keys = this.#naming.get(kept.id);
    keys?.delete(key);
    if (keys?.size === 0) this.#naming.delete(kept.id);
  }

  #keep(n: number, bytes: number, { kind, payload }: Pick<External, 'kind' | 'payload'>): void {
    const id = NAMING.has(kind) ? labelledId(payload) : null;
    this.#kept.set(n, { bytes, id });
    if (id !== null) this.#naming.set(id, (this.#naming.get(id) ?? new Set()).add(n));
    this.#bytes += bytes;
    this.#next = n + 1;
  }

  takeChanges(): readonly Change[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  /** To be called in order of key. */
  restoreRow(key: number, value: Uint8Array): void {
    this.#keep(key, value.length, externalIn(value));
  }
}

export function packExternal({ kind, after, payload }: External): Uint8Array {
  return new Packer().text(kind).f64(after).blob(payload).done();
}

/** The event that a changelog record holds; null for other records and for what has left the log. */
export function externalOf({ kind, value }: Change): External | null {
  return kind !== KIND || value === null ? null : externalIn(value);
}

function externalIn(value: Uint8Array): External {
  const from = new Unpacker(value);
  return { kind: from.text(), after: from.f64(), payload: from.blob() };
}
