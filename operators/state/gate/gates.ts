/**
 * The gates of all cameras. Frames are looked at when they arrive, ahead of the engine by a few batches; what a frame left behind is kept when it is committed.
 * So there are two of these: the engine's, which is in the changelog, and one that is ahead of it and begins as a copy.
 */
import type { Change } from '../../../schemas/decision.ts';
import type { Sample } from '../../../schemas/sample.ts';
import type { Glimpse } from '../camera/glimpse.ts';
import { cameraOf } from '../camera/name.ts';
import { Packer, Unpacker } from '../codec.ts';
import { look, packGate, unpackGate, type GateState, type Look } from './look.ts';

/** Whose unchanged frames are rejected: `auto` are those of videos. */
export const GATE = ['auto', 'off'] as const;
export type GateOf = (typeof GATE)[number];

export const GATES = 'gate';
/** Cameras that are known at once, of 3 KB each: of more, the one that sent no frame for the longest begins anew. */
const MOST_GATES = 256;

/** What a frame leaves behind. */
export interface Mark {
  readonly camera: string;
  readonly state: GateState;
}

interface Kept extends Mark {
  readonly slot: number;
  /** Of its last frame. */
  readonly seq: number;
}

export class Gates {
  readonly #kept = new Map<string, Kept>();
  readonly #changed = new Set<string>();

  /** A copy that goes ahead. */
  ahead(): Gates {
    const copy = new Gates();
    for (const [camera, kept] of this.#kept) copy.#kept.set(camera, kept);
    return copy;
  }

  /** A further frame, in the order of the stream. @param picture whether it came with one */
  look(seq: number, sample: Sample, glimpse: Glimpse, picture: boolean): Look & { readonly mark: Mark | null } {
    const { camera } = cameraOf(sample);
    const seen = look(this.#kept.get(camera)?.state ?? null, glimpse, picture);
    const mark = seen.state === null ? null : { camera, state: seen.state };
    if (mark !== null) this.keep(seq, mark);
    return { ...seen, mark };
  }

  keep(seq: number, { camera, state }: Mark): void {
    const slot = this.#kept.get(camera)?.slot ?? this.#slot();
    this.#kept.set(camera, { camera, slot, seq, state });
    this.#changed.add(camera);
  }

  /** One that is free, or that of the camera that has been silent for the longest. */
  #slot(): number {
    if (this.#kept.size < MOST_GATES) return this.#kept.size;
    const oldest = [...this.#kept.values()].reduce((a, b) => (b.seq < a.seq ? b : a));
    this.#kept.delete(oldest.camera);
    this.#changed.delete(oldest.camera);
    return oldest.slot;
  }

  *takeChanges(): Iterable<Change> {
    for (const name of this.#changed) {
      const kept = this.#kept.get(name);
      if (kept !== undefined) yield { kind: GATES, key: kept.slot, value: packGate(kept.state, new Packer().text(name).f64(kept.seq)).done() };
    }
    this.#changed.clear();
  }

  restoreRow(slot: number, value: Uint8Array): void {
    const from = new Unpacker(value);
    const [camera, seq] = [from.text(), from.f64()];
    this.#kept.set(camera, { camera, slot, seq, state: unpackGate(from) });
  }
}
