/**
 * The ids of items that were decided long ago, as 16 bytes of their SHA-256: what is sent again is not decided again. In memory they are rows of a ring with an index by
 * open addressing, 24 bytes an id and no object; in the changelog, records of 1,000 rows. The oldest record goes when as many as wanted are known without it.
 */
import { hash } from 'node:crypto';
import type { Change } from '../../schemas/decision.ts';

/** Of its changelog records; the key is the number of the first row by `ROWS`. */
export const IDS = 'ids';
/** Rows of a record that is full; only the last one is not. */
const ROWS = 1000;
const WORDS = 4;
const ROW_BYTES = 16;

export class KnownIds {
  readonly #most: number;
  /** By number of the row, modulo its size: a power of two, doubled when it is full. */
  #ring = new Uint32Array(WORDS * 1024);
  /** Place of a row in the ring, plus one, found from its first word on; 0: nothing there. Twice as many as rows, so that looking ends soon. */
  #index = new Uint32Array(2 * 1024);
  /** Numbers of the oldest row and of the next. */
  #first = 0;
  #next = 0;
  readonly #row = new Uint32Array(WORDS);
  readonly #rowBytes = new Uint8Array(this.#row.buffer);

  /** @param most so many at least are known, and not more than a record above it */
  constructor(most: number) {
    this.#most = most;
  }

  has(id: string): boolean {
    if (this.#next === this.#first) return false;
    this.#rowBytes.set(hashOf(id));
    const [row, ring] = [this.#row, this.#ring];
    for (let slot = this.#home(row[0] ?? 0); ; slot = this.#after(slot)) {
      const place = this.#index[slot] ?? 0;
      if (place === 0) return false;
      const at = WORDS * (place - 1);
      if (ring[at] === row[0] && ring[at + 1] === row[1] && ring[at + 2] === row[2] && ring[at + 3] === row[3]) return true;
    }
  }

  /** To be given what is not known yet. @returns the changelog records that differ now */
  *add(ids: readonly string[]): Iterable<Change> {
    const [from, logged] = [Math.floor(this.#next / ROWS), Math.ceil(this.#next / ROWS)];
    for (const id of ids) this.#push(hashOf(id));
    const first = Math.floor(this.#first / ROWS);
    while (this.#next - this.#first - ROWS >= this.#most) for (let row = 0; row < ROWS; row++) this.#shift();
    const kept = Math.floor(this.#first / ROWS);
    for (let key = first; key < Math.min(kept, logged); key++) yield { kind: IDS, key, value: null };
    if (ids.length > 0) for (let key = Math.max(from, kept); ROWS * key < this.#next; key++) yield { kind: IDS, key, value: this.#record(key) };
  }

  /** To be called in order of key, when nothing was added yet. */
  restoreRow(key: number, value: Uint8Array): void {
    if (this.#next === this.#first) this.#first = this.#next = ROWS * key;
    for (let at = 0; at < value.length; at += ROW_BYTES) this.#push(value.subarray(at, at + ROW_BYTES));
  }

  #record(key: number): Uint8Array {
    const count = Math.min(ROWS, this.#next - ROWS * key);
    const words = new Uint32Array(WORDS * count);
    for (let row = 0; row < count; row++) {
      const at = WORDS * this.#place(ROWS * key + row);
      for (let word = 0; word < WORDS; word++) words[WORDS * row + word] = this.#ring[at + word] ?? 0;
    }
    return new Uint8Array(words.buffer);
  }

  #push(bytes: Uint8Array): void {
    if (WORDS * (this.#next - this.#first) === this.#ring.length) this.#grow();
    this.#rowBytes.set(bytes);
    const place = this.#place(this.#next++);
    this.#ring.set(this.#row, WORDS * place);
    this.#enter(place);
  }

  #enter(place: number): void {
    let slot = this.#home(this.#ring[WORDS * place] ?? 0);
    while (this.#index[slot] !== 0) slot = this.#after(slot);
    this.#index[slot] = place + 1;
  }

  /** Forgets the oldest row. What was put behind its slot for want of room moves up, so that nothing is lost behind a gap. */
  #shift(): void {
    const place = this.#place(this.#first++);
    let gap = this.#home(this.#ring[WORDS * place] ?? 0);
    while (this.#index[gap] !== place + 1) gap = this.#after(gap);
    const mask = this.#index.length - 1;
    for (let slot = this.#after(gap); this.#index[slot] !== 0; slot = this.#after(slot)) {
      const other = this.#index[slot] ?? 0;
      const home = this.#home(this.#ring[WORDS * (other - 1)] ?? 0);
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      this.#index[gap] = other;
      gap = slot;
    }
    this.#index[gap] = 0;
  }

  #grow(): void {
    const before = this.#ring;
    this.#ring = new Uint32Array(2 * before.length);
    this.#index = new Uint32Array(2 * this.#index.length);
    for (let row = this.#first; row < this.#next; row++) {
      const at = WORDS * (row % (before.length / WORDS));
      const place = this.#place(row);
      for (let word = 0; word < WORDS; word++) this.#ring[WORDS * place + word] = before[at + word] ?? 0;
      this.#enter(place);
    }
  }

  #place(row: number): number {
    return row % (this.#ring.length / WORDS);
  }

  #home(word: number): number {
    return word & (this.#index.length - 1);
  }

  #after(slot: number): number {
    return (slot + 1) & (this.#index.length - 1);
  }
}

function hashOf(id: string): Uint8Array {
  return hash('sha256', id, 'buffer').subarray(0, ROW_BYTES);
}
