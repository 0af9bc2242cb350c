/** The cameras there are, each with its health, and the alerts of them. */
import type { Alert, Change } from '../../../schemas/decision.ts';
import { alertOf, type Raiser } from '../alert-of.ts';
import { Packer, Unpacker } from '../codec.ts';
import type { Glimpse } from './glimpse.ts';
import { Health } from './health.ts';
import { cameraOf } from './name.ts';

/** Whose health is watched: `auto` are frames of videos, which have their time in their id. */
export const HEALTH = ['auto', 'on', 'off'] as const;
export type HealthOf = (typeof HEALTH)[number];

export const CAMERA = 'camera';
/** Cameras that are known at once, of 2 KB each: of more, the one that sent no frame for the longest begins anew. */
export const MOST_CAMERAS = 256;
/** Frames that an alert shows, the newest first. */
const SHOWN = 3;

interface Camera {
  readonly name: string;
  readonly slot: number;
  readonly health: Health;
  /** Of its last frame. */
  seq: number;
  ids: readonly string[];
}

export class Cameras {
  readonly #of: HealthOf;
  readonly #cameras = new Map<string, Camera>();
  readonly #changed = new Set<Camera>();

  constructor(of: HealthOf) {
    this.#of = of;
  }

  /** A further item, in the order of the stream. @param glimpse null where it came without a picture */
  look(item: Raiser, glimpse: Glimpse | null): readonly Alert[] {
    const { seq, sample } = item;
    if (this.#of === 'off' || glimpse === null) return [];
    const { camera: name, at } = cameraOf(sample);
    if (this.#of === 'auto' && at === null) return [];
    const camera = this.#camera(name);
    camera.seq = seq;
    camera.ids = [sample.id, ...camera.ids].slice(0, SHOWN);
    this.#changed.add(camera);
    const begun = camera.health.take(glimpse, sample.time ?? (at === null ? null : at * 1000));
    return begun.map((what) => alertOf(`health.${what}`, item, { exemplars: camera.ids }));
  }

  #camera(name: string): Camera {
    const known = this.#cameras.get(name);
    if (known !== undefined) return known;
    const camera: Camera = { name, slot: this.#slot(), health: new Health(), seq: 0, ids: [] };
    this.#cameras.set(name, camera);
    return camera;
  }

  /** One that is free, or that of the camera that has been silent for the longest. */
  #slot(): number {
    if (this.#cameras.size < MOST_CAMERAS) return this.#cameras.size;
    const oldest = [...this.#cameras.values()].reduce((a, b) => (b.seq < a.seq ? b : a));
    this.#cameras.delete(oldest.name);
    this.#changed.delete(oldest);
    return oldest.slot;
  }

  /** Frames with these ids are shown no more. */
  forget(ids: ReadonlySet<string>): void {
    for (const camera of this.#cameras.values()) {
      const kept = camera.ids.filter((id) => !ids.has(id));
      if (kept.length === camera.ids.length) continue;
      camera.ids = kept;
      this.#changed.add(camera);
    }
  }

  *takeChanges(): Iterable<Change> {
    for (const { name, slot, health, seq, ids } of this.#changed) {
      const out = new Packer().text(name).f64(seq).texts(ids);
      health.pack(out);
      yield { kind: CAMERA, key: slot, value: out.done() };
    }
    this.#changed.clear();
  }

  restoreRow(slot: number, value: Uint8Array): void {
    const from = new Unpacker(value);
    const [name, seq, ids, health] = [from.text(), from.f64(), from.texts(), new Health()];
    health.restore(from);
    this.#cameras.set(name, { name, slot, health, seq, ids });
  }
}
