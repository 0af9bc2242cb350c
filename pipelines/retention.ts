/**
 * Keeps a folder within an age and a size: the oldest items lose their pictures and thumbnails, and their rows where the engine has no need of them. No decision depends on it:
 * the memory goes on, and with it the rows of what it holds.
 */
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { isKept, type MediaFolder } from '../infra/store/media.ts';
import type { Aged, Pruner } from '../infra/store/prune.ts';
import type { RunEntry } from '../infra/store/types.ts';

export interface Limits {
  /** Milliseconds; null: for ever. */
  readonly age: number | null;
  /** Bytes of pictures and database together; null: without bound. */
  readonly size: number | null;
}

export interface Pruned {
  /** Items that lost what was kept of them; and those whose rows went. */
  readonly items: number;
  readonly rows: number;
  readonly pictures: number;
}

export interface RetentionParts {
  readonly pruner: Pruner;
  readonly media: MediaFolder;
  /** In order of seq. */
  readonly runs: () => readonly RunEntry[];
  readonly nextSeq: () => number;
  /** Whether the engine needs the item with a seq as such, as things stand now. */
  readonly needs: () => (seq: number) => boolean;
  /** Is told whose thumbnails went. */
  readonly left: (seqs: readonly number[]) => void;
}

/** Items of a step: it takes a few milliseconds. */
const AT_ONCE = 256;
/** Of the size: what is over it is brought down to this part, so that there is something to do only now and then. */
const ROOM = 0.95;
/** After so many rows it begins at the first again: what the engine needed may have left its memory since. */
const AGAIN = 100_000;
/** Pages that a step gives back to the disk. */
const PAGES = 4096;

export class Retention {
  readonly #limits: Limits;
  readonly #parts: RetentionParts;
  /** All up to this seq is gone, as far as it may. */
  #at = -1;
  /** Rows that went since it began at the first. */
  #since = 0;
  /** Size to come down to; null while there is no need. */
  #goal: number | null = null;

  constructor(limits: Limits, parts: RetentionParts) {
    this.#limits = limits;
    this.#parts = parts;
  }

  /** Bytes of pictures and database. */
  get bytes(): number {
    return this.#parts.media.bytes + this.#parts.pruner.bytes;
  }

  /** The next few items, if any are due. @param now milliseconds since 1970. @returns null where nothing is due */
  step(now: number): Pruned | null {
    const { pruner, nextSeq } = this.#parts;
    // The last item stays: by it the numbers go on.
    const rows = pruner.next(this.#at, nextSeq() - 1, AT_ONCE);
    const due = rows.slice(0, Math.max(this.#tooMany(), leading(rows, (row) => this.#tooOld(row, now))));
    if (due.length === 0) return null;
    return this.#part(due);
  }

  /** All that is too old, wherever it stands, then by size: for a folder that nobody works on. */
  all(now: number): Pruned {
    const done = { items: 0, rows: 0, pictures: 0 };
    const add = ({ items, rows, pictures }: Pruned): void => void Object.assign(done, { items: done.items + items, rows: done.rows + rows, pictures: done.pictures + pictures });
    let whole = true;
    for (let behind = -1; ; ) {
      const rows = this.#parts.pruner.next(behind, this.#parts.nextSeq() - 1, AT_ONCE);
      if (rows.length === 0) break;
      behind = rows.at(-1)?.seq ?? behind;
      const old = rows.filter((row) => this.#tooOld(row, now));
      whole &&= old.length === rows.length;
      if (old.length > 0) add(this.#part(old, whole));
    }
    for (let many = this.#tooMany(); many > 0; many = this.#tooMany()) {
      const rows = this.#parts.pruner.next(this.#at, this.#parts.nextSeq() - 1, many);
      if (rows.length === 0) break;
      add(this.#part(rows));
    }
    return done;
  }

  #tooOld({ time }: Aged, now: number): boolean {
    return this.#limits.age !== null && time !== null && time < now - this.#limits.age;
  }

  /** About how many have to go for the size, in the next step. */
  #tooMany(): number {
    const { size } = this.#limits;
    if (size === null) return 0;
    const { bytes } = this;
    if (bytes > size) this.#goal = size * ROOM;
    if (this.#goal === null || bytes <= this.#goal) {
      this.#goal = null;
      return 0;
    }
    const left = Math.max(1, this.#parts.nextSeq() - 1 - this.#at);
    return Math.min(AT_ONCE, Math.ceil(((bytes - this.#goal) / bytes) * left));
  }

  /** @param whole whether nothing was left out before the last of them */
  #part(items: readonly Aged[], whole = true): Pruned {
    const { pruner, media, left } = this.#parts;
    const [needed, runs] = [this.#parts.needs(), this.#parts.runs()];
    const own = items.filter((item) => isKept(item.uri, item.digest));
    // Before their rows: of a row that is gone nobody would know which file it had.
    const pictures = media.remove([...new Set(own.filter((item) => !pruner.shared(item)).map(({ digest }) => digest))]);
    const parting = items.map((item) => ({ ...item, keepRow: needed(item.seq), mayReturn: mayReturn(item, runs) }));
    const last = items.at(-1)?.seq ?? -1;
    pruner.part(parting, whole ? last : -1);
    pruner.shrink(PAGES);
    left(items.map(({ seq }) => seq));
    if (whole) this.#at = Math.max(this.#at, last);
    const rows = parting.filter(({ keepRow }) => !keepRow).length;
    this.#since += rows;
    if (this.#since >= AGAIN) [this.#at, this.#since] = [-1, 0];
    return { items: parting.filter(({ keepRow, pictured }) => !keepRow || pictured).length, rows, pictures };
  }
}

/** How many at the beginning pass. */
function leading<T>(items: readonly T[], passes: (item: T) => boolean): number {
  const end = items.findIndex((item) => !passes(item));
  return end < 0 ? items.length : end;
}

/** A frame of a camera never comes again; a file that is there still may, and so may whatever another source holds. */
function mayReturn({ seq, uri, digest }: Aged, runs: readonly RunEntry[]): boolean {
  const source = runs.findLast((run) => run.seq <= seq)?.config.source ?? '';
  return !source.startsWith('cameras:') || (isAbsolute(uri) && !isKept(uri, digest) && existsSync(uri));
}
