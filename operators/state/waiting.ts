/** Labels that came before their items were decided. One waits for so many items; what finds none, or has to make room, is handed back. */
import type { Change, UnusedLabel } from '../../schemas/decision.ts';
import { Packer, Unpacker } from './codec.ts';
import { packLabel, REACH, unpackLabel, type LateLabel } from './late-label.ts';

/** Bounds of what waits; beyond them the oldest go. */
const MOST = 10_000;
const MOST_BYTES = 16 * 2 ** 20;

interface Entry {
  /** Number of the event that brought it. */
  readonly n: number;
  /** Seq after which it came. */
  readonly after: number;
  readonly label: LateLabel;
}

export class Waiting {
  /** Oldest first. */
  readonly #byId = new Map<string, Entry>();
  #bytes = 0;
  #changes: Change[] = [];

  /** The classes that wait for the item with this id; null where none do. */
  of(id: string): readonly string[] | null {
    return this.#byId.get(id)?.label.classes ?? null;
  }

  /** In place of an earlier one for the same item. @returns those that have to make room */
  add(entry: Entry): readonly UnusedLabel[] {
    this.take(entry.label.id);
    this.#hold(entry);
    this.#changes.push({ kind: 'waiting', key: entry.n, value: new Packer().f64(entry.after).blob(packLabel(entry.label)).done() });
    return this.#dropWhile(() => this.#byId.size > MOST || this.#bytes > MOST_BYTES, 'too many labels wait for items that have not come');
  }

  /** The item is decided: its label waits no more. */
  take(id: string): void {
    const entry = this.#byId.get(id);
    if (entry === undefined) return;
    this.#byId.delete(id);
    this.#bytes -= entry.label.letter.length;
    this.#changes.push({ kind: 'waiting', key: entry.n, value: null });
  }

  /** The item at `seq` is here. @returns those that have waited too long */
  expire(seq: number): readonly UnusedLabel[] {
    return this.#dropWhile(({ after }) => after + REACH < seq, `no item with this id came within ${REACH} items`);
  }

  #dropWhile(due: (oldest: Entry) => boolean, cause: string): readonly UnusedLabel[] {
    const dropped: UnusedLabel[] = [];
    for (const [id, entry] of this.#byId) {
      if (!due(entry)) break;
      this.take(id);
      dropped.push({ id, letter: entry.label.letter, code: 'SLUICE_E_LABEL_UNUSED', cause });
    }
    return dropped;
  }

  #hold(entry: Entry): void {
    this.#byId.set(entry.label.id, entry);
    this.#bytes += entry.label.letter.length;
  }

  takeChanges(): readonly Change[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  /** To be called in order of key. */
  restoreRow(key: number, value: Uint8Array): void {
    const from = new Unpacker(value);
    this.#hold({ n: key, after: from.f64(), label: unpackLabel(from.blob()) });
  }
}
