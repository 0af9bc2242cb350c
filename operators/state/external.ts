/**
 * What comes from outside a stream's own order, such as labels that come later and what other engines tell. Each such event is logged with the seq of the item after which it took effect,
 * so that a replay applies it there. A recovery need not: what an event changed is state like any other, written in the same transaction.
 */
import type { Change } from '../../schemas/decision.ts';
import { Packer, Unpacker } from './codec.ts';

/** Bounds of the log; beyond them the oldest go. */
const KEPT = 20_000;
const KEPT_BYTES = 64 * 2 ** 20;

const KIND = 'external';

export interface External {
  /** What it is, and with that how its payload is read: `label` and `correction` (late-label.ts), `hear` (pack-told.ts), `tell` (none), `campaigns` (campaigns.ts), `silent` (silence.ts), `forget` (forget.ts), `turn` (turn.ts). */
  readonly kind: string;
  /** Seq of the item after which it took effect; -1: before all. */
  readonly after: number;
  readonly payload: Uint8Array;
}

export class ExternalLog {
  #next = 0;
  /** Bytes of the events in the log by their number, oldest first. */
  readonly #kept = new Map<number, number>();
  #bytes = 0;
  #changes: Change[] = [];

  /** @returns the number of the event, one more than that of the last */
  add(event: External): number {
    const n = this.#next;
    const value = packExternal(event);
    this.#keep(n, value.length);
    this.#changes.push({ kind: KIND, key: n, value });
    for (const [oldest, bytes] of this.#kept) {
      if (this.#kept.size <= KEPT && this.#bytes <= KEPT_BYTES) break;
      this.#kept.delete(oldest);
      this.#bytes -= bytes;
      this.#changes.push({ kind: KIND, key: oldest, value: null });
    }
    return n;
  }

  /** What these events told is not to be known any more; their numbers stay taken. */
  forget(keys: readonly number[]): void {
    for (const key of keys) {
      const bytes = this.#kept.get(key);
      if (bytes === undefined) continue;
      this.#kept.delete(key);
      this.#bytes -= bytes;
      this.#changes.push({ kind: KIND, key, value: null });
    }
  }

  #keep(n: number, bytes: number): void {
    this.#kept.set(n, bytes);
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
    this.#keep(key, value.length);
  }
}

export function packExternal({ kind, after, payload }: External): Uint8Array {
  return new Packer().text(kind).f64(after).blob(payload).done();
}

/** The event that a changelog record holds; null for other records and for what has left the log. */
export function externalOf({ kind, value }: Change): External | null {
  if (kind !== KIND || value === null) return null;
  const from = new Unpacker(value);
  return { kind: from.text(), after: from.f64(), payload: from.blob() };
}
