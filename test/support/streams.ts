/** Streams of made-up items for the engine: embeddings by a seeded generator, no images. */
import type { Embedded, Failed } from '../../operators/items.ts';
import { hash32, uniform } from '../../operators/state/hash.ts';
import type { EngineSettings } from '../../operators/state/engine.ts';
import { DEFAULT_POLICY } from '../../pipelines/config/policy.ts';
import { SluiceError } from '../../schemas/errors.ts';
import type { Quality } from '../../schemas/decision.ts';
import type { Label, Prediction } from '../../schemas/sample.ts';

export const D = 16;
export const GOOD: Quality = { brightness: 0.5, contrast: 0.2, sharpness: 500, width: 640, height: 480 };

export interface Spec {
  /** Which of the kinds of scene; each is a direction. */
  readonly kind: number;
  /** How far from the pure direction, 0 = always the same picture. */
  readonly jitter: number;
  readonly label?: Label;
  readonly predicted?: readonly Prediction[];
  readonly time?: number | null;
  readonly stream?: string;
  readonly quality?: Quality;
  readonly failed?: boolean;
}

export function settings(part: Partial<EngineSettings> = {}): EngineSettings {
  return { policy: DEFAULT_POLICY, purpose: 'train', budget: 0.25, seed: 0, dimension: D, reveal: { when: 'all' }, lateLabels: false, ...part };
}

/** A unit vector near the direction of its kind. */
export function embeddingOf(seed: number, seq: number, { kind, jitter }: Spec): Float32Array {
  const x = Float32Array.from({ length: D }, (_, i) => normal(seed, `kind ${kind} ${i}`) + jitter * normal(seed, `item ${seq} ${i}`));
  const norm = Math.hypot(...x);
  return x.map((value) => value / norm);
}

function normal(seed: number, name: string): number {
  return Math.sqrt(-2 * Math.log(uniform(seed, name))) * Math.cos(2 * Math.PI * uniform(seed + 1, name));
}

export function items(seed: number, specs: readonly Spec[]): (Embedded | Failed)[] {
  return specs.map((spec, seq) => {
    const id = `item-${seq}`;
    if (spec.failed === true) return { seq, id, error: new SluiceError('SLUICE_E_IMAGE_CORRUPT', 'made to fail') };
    const sample = { id, uri: `/nowhere/${id}`, stream: spec.stream ?? 'default', time: spec.time ?? null, label: spec.label ?? null, origin: null };
    const embedding = embeddingOf(seed, seq, spec);
    const digest = spec.jitter === 0 ? `kind ${spec.kind}` : String(hash32(seed, id));
    return { seq, sample, quality: spec.quality ?? GOOD, digest, small: new Uint8Array([1]), embedding, objects: [] };
  });
}
