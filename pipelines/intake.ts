/**
 * Numbers what a source hands out and skips what an earlier run has settled. Every entry of the source gets exactly one seq: verdicts and dead
 * letters share one counter. The nth entry with an id is settled if the folder holds n records of that id from this source. On a retry an id that has
 * nothing but dead letters is not settled: it may have been mended.
 *
 * Holds one small record for each distinct id of the source.
 */
import type { Numbered } from '../operators/items.ts';
import type { Entry, OnRecord, Source } from '../operators/ports.ts';
import { SluiceError } from '../schemas/errors.ts';
import { inOrder } from '../infra/sources/listed.ts';
import { fetched } from './fetched.ts';

/** Bytes of pictures that a batch holds, at most, and those of one answer of its source. */
const PICTURES = 32 * 2 ** 20;

export class Intake {
  readonly #source: Source;
  readonly #onRecord: (id: string) => OnRecord;
  readonly #retry: boolean;
  readonly #seen = new Map<string, { skip: number; known: boolean }>();
  #seq: number;
  #skipped = 0;
  #ended = false;

  constructor(source: Source, nextSeq: number, onRecord: (id: string) => OnRecord, retry = false) {
    this.#source = source;
    this.#seq = nextSeq;
    this.#onRecord = onRecord;
    this.#retry = retry;
  }

  /** Entries skipped so far because they were settled before. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The seq that the next entry to be decided gets. */
  get nextSeq(): number {
    return this.#seq;
  }

  /** Whether the source has handed out all it has. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Up to `limit` entries that are to be decided, with their pictures where those are elsewhere; fewer only at the end, or where their pictures come along and take too much memory. */
  async next(limit: number): Promise<readonly Numbered[]> {
    const out: Numbered[] = [];
    let bytes = 0;
    while (out.length < limit && bytes < PICTURES && !this.#ended) {
      const entries = await this.#source.next(limit - out.length);
      this.#ended = entries.length === 0;
      for (const entry of entries) {
        const numbered = this.#number(entry);
        if (numbered === null) continue;
        out.push(numbered);
        if ('sample' in numbered) bytes += numbered.bytes?.length ?? numbered.remote?.size ?? 0;
      }
    }
    return await inOrder(out, fetched);
  }

  #number(entry: Entry): Numbered | null {
    const id = 'sample' in entry ? entry.sample.id : entry.id;
    const seen = this.#lookUp(id);
    if (seen.skip > 0) {
      seen.skip -= 1;
      this.#skipped += 1;
      return null;
    }
    const repeated = seen.known;
    seen.known = true;
    const seq = this.#seq++;
    if (repeated) return { seq, id, error: new SluiceError('SLUICE_E_ID_REPEATED', `an item with the id ${JSON.stringify(id)} came before`) };
    return { ...entry, seq };
  }

  #lookUp(id: string): { skip: number; known: boolean } {
    const seen = this.#seen.get(id);
    if (seen !== undefined) return seen;
    const { ofSource, decided } = this.#onRecord(id);
    // An id that only bad files of other sources had may still get its verdict: from a better --root, say.
    const again = this.#retry && !decided;
    const first = { skip: again ? 0 : ofSource, known: !again && (ofSource > 0 || decided) };
    this.#seen.set(id, first);
    return first;
  }
}
