/**
 * How labels reach the head: at once, or of admitted items a fixed number of input items later. Pending ones are state, so that a resumed run
 * learns them at the same place. Every label learned is logged until a snapshot of the head covers it; recovery learns the log again.
 */
import type { Change } from '../../schemas/decision.ts';
import { Packer, Unpacker } from './codec.ts';
import { type Head, SNAPSHOT_EVERY } from './head.ts';

/** When the engine is shown a label. */
export type Reveal = { readonly when: 'never' } | { readonly when: 'all' } | { readonly when: 'admitted'; readonly after: number };

export interface Labelled {
  readonly seq: number;
  readonly stream: string;
  readonly classes: readonly string[];
  readonly embedding: Float32Array;
}

/** Bytes of a head chunk: small enough for a record of a log. */
const CHUNK = 64 * 1024;

export class Labels {
  readonly head: Head;
  readonly #after: number;
  /** In order of seq; no more than are admitted within the items that a label takes to come. */
  #pending: Labelled[] = [];
  #covered = 0;
  /** Items learned since the last snapshot. */
  #since: number[] = [];
  #changes: Change[] = [];

  constructor(head: Head, reveal: Reveal) {
    this.head = head;
    // Labels left pending by an earlier setting: under `all` they are due at once, under `never` they stay unlearned.
    this.#after = { all: 0, never: Infinity, admitted: reveal.when === 'admitted' ? reveal.after : 0 }[reveal.when];
  }

  /** Keeps the label of an admitted item until its time comes. */
  defer(item: Labelled): void {
    this.#pending.push(item);
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
    const n = this.head.labels;
    this.#changes.push({ kind: 'label', key: n, value: packClasses(item.seq, item.classes) });
    if (n % SNAPSHOT_EVERY === 0) this.#snapshot(n);
  }

  #snapshot(n: number): void {
    const whole = this.head.pack();
    const chunks = Math.ceil(whole.length / CHUNK);
    for (let i = 0; i < chunks; i++) this.#changes.push({ kind: 'head', key: i, value: whole.slice(i * CHUNK, (i + 1) * CHUNK) });
    this.#changes.push({ kind: 'head-manifest', key: 0, value: new Packer().f64(n, chunks).done() });
    for (let key = this.#covered + 1; key <= n; key++) this.#changes.push({ kind: 'label', key, value: null });
    this.#covered = n;
    this.#since = [];
  }

  /** Items whose embeddings a restore would ask for. */
  *needed(): Iterable<number> {
    yield* this.#since;
    for (const { seq } of this.#pending) yield seq;
  }

  takeChanges(): readonly Change[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  /** @param changes records of the kinds `head`, `head-manifest`, `label` and `pending`, ordered by kind, then key */
  restore(changes: readonly Change[], embeddingOf: (seq: number) => Float32Array): void {
    const ofKind = (kind: string): readonly Change[] => changes.filter((change) => change.kind === kind);
    const manifest = ofKind('head-manifest')[0]?.value;
    if (manifest) {
      const from = new Unpacker(manifest);
      this.#covered = from.f64();
      const count = from.f64();
      this.head.restore(concat(ofKind('head').slice(0, count)));
    }
    for (const change of ofKind('label')) {
      const { seq, classes } = unpackClasses(change);
      this.head.learn(embeddingOf(seq), classes);
      this.#since.push(seq);
    }
    this.#pending = ofKind('pending').map((change) => {
      const { seq, classes, stream } = unpackPending(change);
      return { seq, stream, classes, embedding: embeddingOf(seq) };
    });
  }
}

function packClasses(seq: number, classes: readonly string[]): Uint8Array {
  return new Packer().f64(seq).texts(classes).done();
}

function unpackClasses(change: Change): { seq: number; classes: readonly string[] } {
  const from = new Unpacker(change.value ?? new Uint8Array());
  return { seq: from.f64(), classes: from.texts() };
}

function packPending({ seq, classes, stream }: Labelled): Uint8Array {
  return new Packer().f64(seq).texts(classes).text(stream).done();
}

function unpackPending(change: Change): Omit<Labelled, 'embedding'> {
  const from = new Unpacker(change.value ?? new Uint8Array());
  return { seq: from.f64(), classes: from.texts(), stream: from.text() };
}

function concat(changes: readonly Change[]): Uint8Array {
  const parts = changes.map((change) => change.value ?? new Uint8Array());
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
