/**
 * How a head survives a restart: a snapshot at fixed label counts, and every lesson learned since. A snapshot is written in chunks that are small enough for a record
 * of a log; they count once the manifest says so.
 */
import type { Change } from '../../schemas/decision.ts';
import { Packer, Unpacker } from './codec.ts';
import { type Head, SNAPSHOT_EVERY } from './head.ts';

const CHUNK = 64 * 1024;

/** Kinds of its changelog records. */
export interface HeadKinds {
  readonly lesson: string;
  readonly chunk: string;
  readonly manifest: string;
}

export class HeadLog {
  readonly #head: Head;
  readonly #kinds: HeadKinds;
  /** Lessons that the last snapshot holds. */
  #covered = 0;
  #changes: Change[] = [];

  constructor(head: Head, kinds: HeadKinds) {
    this.#head = head;
    this.#kinds = kinds;
  }

  /** The head has learned a lesson. @param lesson what it can be taught again from. @returns whether a snapshot holds all now */
  learned(lesson: Uint8Array): boolean {
    const n = this.#head.labels;
    this.#changes.push({ kind: this.#kinds.lesson, key: n, value: lesson });
    if (n % SNAPSHOT_EVERY !== 0) return false;
    this.#snapshot();
    return true;
  }

  /** Puts all that the head knows into a snapshot now, so that no single lesson is kept. It is solved for that. */
  close(): void {
    if (this.#head.labels === 0) return;
    this.#head.solve();
    this.#snapshot();
  }

  #snapshot(): void {
    const n = this.#head.labels;
    const whole = this.#head.pack();
    const chunks = Math.ceil(whole.length / CHUNK);
    for (let i = 0; i < chunks; i++) this.#changes.push({ kind: this.#kinds.chunk, key: i, value: whole.slice(i * CHUNK, (i + 1) * CHUNK) });
    this.#changes.push({ kind: this.#kinds.manifest, key: 0, value: new Packer().f64(n, chunks).done() });
    for (let key = this.#covered + 1; key <= n; key++) this.#changes.push({ kind: this.#kinds.lesson, key, value: null });
    this.#covered = n;
  }

  takeChanges(): readonly Change[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  /** @param changes one for each (kind, key), ordered by kind, then key. @param teach teaches the head a lesson again */
  restore(changes: readonly Change[], teach: (lesson: Uint8Array) => void): void {
    const ofKind = (kind: string): readonly Uint8Array[] => changes.flatMap((change) => (change.kind === kind && change.value !== null ? [change.value] : []));
    const [manifest] = ofKind(this.#kinds.manifest);
    if (manifest !== undefined) {
      const from = new Unpacker(manifest);
      this.#covered = from.f64();
      this.#head.restore(concat(ofKind(this.#kinds.chunk).slice(0, from.f64())));
    }
    ofKind(this.#kinds.lesson).forEach(teach);
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
