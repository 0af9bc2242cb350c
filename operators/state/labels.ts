/**
 * How labels reach the head: at once, or of admitted items a fixed number of input items later. Pending ones are state, so that a resumed run
 * learns them at the same place. Every label learned is logged until a snapshot of the head covers it; recovery learns the log again.
 */
import type { Change } from '../../schemas/decision.ts';
import { Packer, Unpacker } from './codec.ts';
import type { Head, Lesson } from './head.ts';
import { HeadLog } from './head-log.ts';

/** When the engine is shown a label. */
export type Reveal = { readonly when: 'never' } | { readonly when: 'all' } | { readonly when: 'admitted'; readonly after: number };

export interface Labelled {
  readonly seq: number;
  readonly stream: string;
  readonly classes: readonly string[];
  readonly embedding: Float32Array;
}

/** A label as it was learned: its number among the labels, and its classes. */
export type Earlier = Pick<Lesson, 'number' | 'classes'>;

export class Labels {
  readonly head: Head;
  readonly #log: HeadLog;
  readonly #after: number;
  /** In order of seq; no more than are admitted within the items that a label takes to come. */
  #pending: Labelled[] = [];
  /** Items learned since the last snapshot. */
  #since: number[] = [];
  #changes: Change[] = [];

  constructor(head: Head, reveal: Reveal) {
    this.head = head;
    this.#log = new HeadLog(head, { lesson: 'label', chunk: 'head', manifest: 'head-manifest' });
    // Labels left pending by an earlier setting: under `all` they are due at once, under `never` they stay unlearned.
    this.#after = { all: 0, never: Infinity, admitted: reveal.when === 'admitted' ? reveal.after : 0 }[reveal.when];
  }

  /** Keeps the label of an admitted item until its time comes. */
  defer(item: Labelled): void {
    this.#pending.push(item);
    // One whose verdict was turned round later stands before others.
    if (this.#pending.some((each, i) => each.seq > item.seq && i < this.#pending.length - 1)) this.#pending.sort((a, b) => a.seq - b.seq);
    this.#changes.push({ kind: 'pending', key: item.seq, value: packPending(item) });
  }

  /** A newer label of the item has come from outside: the one kept for later is out of date. */
  cancel(seq: number): void {
    const kept = this.#pending.filter((item) => item.seq !== seq);
    if (kept.length === this.#pending.length) return;
    this.#pending = kept;
    this.#changes.push({ kind: 'pending', key: seq, value: null });
  }

  /** Labels due before the item at `seq` is scored, oldest first. They are to be learned by the caller. */
  takeDue(seq: number): readonly Labelled[] {
    let due = 0;
    while (due < this.#pending.length && (this.#pending[due] as Labelled).seq + this.#after <= seq) due += 1;
    if (due === 0) return [];
    const taken = this.#pending.slice(0, due);
    this.#pending = this.#pending.slice(due);
    for (const item of taken) this.#changes.push({ kind: 'pending', key: item.seq, value: null });
    return taken;
  }

  learn(item: Labelled): void {
    this.head.learn(item.embedding, item.classes);
    this.#since.push(item.seq);
    if (this.#log.learned(packClasses(item.seq, item.classes))) this.#since = [];
  }

  /** What was learned of an item as the label with this number is taken back, and other classes are learned in its place. */
  correct({ seq, embedding, classes }: Labelled, earlier: Earlier): void {
    this.head.correct({ x: embedding, ...earlier }, classes);
    this.#since.push(seq);
    if (this.#log.learned(packClasses(seq, classes, earlier))) this.#since = [];
  }

  /** What was learned of an item as the label with this number is taken back; nothing is learned in its place. To be followed by `close`. */
  unlearn({ embedding, classes }: Pick<Labelled, 'embedding' | 'classes'>, number: number): void {
    this.head.unlearn({ x: embedding, classes, number });
  }

  /** From here on no restore asks for an item that was learned before. */
  close(): void {
    this.#log.close();
    this.#since = [];
  }

  /** Items whose embeddings a restore would ask for. */
  *needed(): Iterable<number> {
    yield* this.#since;
    for (const { seq } of this.#pending) yield seq;
  }

  takeChanges(): readonly Change[] {
    const changes = [...this.#changes, ...this.#log.takeChanges()];
    this.#changes = [];
    return changes;
  }

  /** @param changes records of the kinds `head`, `head-manifest`, `label` and `pending`, ordered by kind, then key */
  restore(changes: readonly Change[], embeddingOf: (seq: number) => Float32Array): void {
    this.#log.restore(changes, (lesson) => {
      const { seq, classes, earlier } = unpackClasses(lesson);
      const x = embeddingOf(seq);
      if (earlier === null) this.head.learn(x, classes);
      else this.head.correct({ x, ...earlier }, classes);
      this.#since.push(seq);
    });
    this.#pending = changes.filter(({ kind }) => kind === 'pending').map((change) => {
      const { seq, classes, stream } = unpackPending(change);
      return { seq, stream, classes, embedding: embeddingOf(seq) };
    });
  }
}

function packClasses(seq: number, classes: readonly string[], earlier?: Earlier): Uint8Array {
  const out = new Packer().f64(seq).texts(classes);
  return (earlier === undefined ? out : out.f64(earlier.number).texts(earlier.classes)).done();
}

function unpackClasses(lesson: Uint8Array): { seq: number; classes: readonly string[]; earlier: Earlier | null } {
  const from = new Unpacker(lesson);
  const [seq, classes] = [from.f64(), from.texts()];
  return { seq, classes, earlier: from.ended ? null : { number: from.f64(), classes: from.texts() } };
}

function packPending({ seq, classes, stream }: Labelled): Uint8Array {
  return new Packer().f64(seq).texts(classes).text(stream).done();
}

function unpackPending(change: Change): Omit<Labelled, 'embedding'> {
  const from = new Unpacker(change.value ?? new Uint8Array());
  return { seq: from.f64(), classes: from.texts(), stream: from.text() };
}
