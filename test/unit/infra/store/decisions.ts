/** Small batches with every field filled, for tests of the store and of what reads it. */
import type { Batch } from '../../../../operators/ports.ts';
import type { Decision } from '../../../../schemas/decision.ts';
import type { RunConfig } from '../../../../infra/store/types.ts';

export const CONFIG: RunConfig = {
  source: 'folder:/data/photos',
  policy: '{"near_duplicate":0.95}',
  seed: 1,
  model: 'lite0 sha256:00',
  purpose: 'train',
  budget: '0.25',
  fit: 'crop',
  reveal: 'all',
  labels: null, predictions: null,
  per: 'fleet',
  validationShare: 0,
  guard: null,
  known: null,
  objects: '32',
};

export function decisionAt(seq: number, changes: Partial<Decision> = {}): Decision {
  return {
    seq,
    id: `photos/${seq}.jpg`,
    uri: `/data/photos/${seq}.jpg`,
    stream: 'default',
    time: null,
    verdict: seq % 3 === 0 ? 'admit' : 'reject',
    review: false,
    reasons: [{ code: 'novelty', value: 0.25 + seq, threshold: 0.125 }],
    score: 0.5,
    novelty: 0.75,
    cluster: seq % 7,
    share: 0.1,
    nearest: seq === 0 ? null : { id: 'photos/0.jpg', similarity: 0.25 },
    label: null,
    suspicion: null,
    quality: { brightness: 0.5, contrast: 0.25, sharpness: 120.5, width: 640, height: 480 },
    split: null,
    objects: [],
    digest: seq.toString(16).padStart(64, '0'),
    embedding: Float32Array.of(seq, 0.5, -1e-30),
    origin: null,
    ...changes,
  };
}

export function batchOf(parts: Partial<Batch>): Batch {
  return { decisions: [], dead: [], faults: [], amends: [], alerts: [], strips: [], changes: [], labels: { learned: 0, waiting: 0, repeated: 0 }, unused: [], told: [], unspent: 0, clusters: { live: 0, cold: 0 }, ...parts };
}

/** A batch of `count` plain decisions from `first` on. */
export function plainBatch(first: number, count: number): Batch {
  return batchOf({ decisions: Array.from({ length: count }, (_, i) => decisionAt(first + i)) });
}
