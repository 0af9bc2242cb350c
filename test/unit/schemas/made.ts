/** Arbitrary records of every subject. */
import fc from 'fast-check';
import type { BoxFault, Decision } from '../../../schemas/decision.ts';
import { decisionRecord } from '../../../schemas/records-decision.ts';
import type { Records, Subject } from '../../../schemas/records.ts';
import type { Label } from '../../../schemas/sample.ts';

const text = fc.string({ unit: 'binary' });
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const long = fc.integer({ min: -(2 ** 52) + 1, max: 2 ** 52 - 1 });
const int = fc.integer();
const double = fc.double();
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary);

const vector = fc.array(fc.float({ noNaN: true }), { maxLength: 20 }).map((values) => Float32Array.from(values));
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const box = fc.record({ class: text.filter((name) => name !== ''), bbox: fc.tuple(finite, finite, finite.map(Math.abs), finite.map(Math.abs)), relative: fc.constant(true as const), crowd: fc.constant(true as const) }, { requiredKeys: ['class', 'bbox'] });

export const labels: fc.Arbitrary<Label> = orNull(fc.oneof(text, fc.array(box)));

export const decisions: fc.Arbitrary<Decision> = fc.record({
  seq: long,
  id: text,
  uri: text,
  stream: text,
  time: orNull(long),
  verdict: fc.constantFrom('admit', 'reject'),
  review: fc.boolean(),
  reasons: fc.array(fc.record({ code: text, value: double, threshold: double, object: int }, { requiredKeys: ['code', 'value', 'threshold'] })),
  score: double,
  novelty: double,
  cluster: long,
  share: double,
  nearest: orNull(fc.record({ id: text, similarity: double })),
  label: labels,
  suspicion: orNull(double),
  quality: fc.record({ brightness: double, contrast: double, sharpness: double, width: int, height: int }),
  split: orNull(fc.constantFrom('train', 'validation')),
  objects: fc.array(
    fc.record({
      index: orNull(int),
      class: text,
      bbox: fc.tuple(double, double, double, double),
      cluster: orNull(long),
      share: orNull(double),
      suspicion: orNull(double),
      suggested: orNull(text),
      faults: fc.subarray<BoxFault>(['outside', 'duplicate', 'implausible', 'background', 'mislocated', 'overlooked']),
    }),
  ),
  digest: text,
  embedding: vector,
  origin: orNull(text),
});

const event = { id: text, stream: text, partition: int, seq: long };

export const records: { readonly [S in Subject]: fc.Arbitrary<Records[S]> } = {
  sample: fc.record({
    id: text,
    stream: text,
    time: orNull(long),
    image: orNull(fc.oneof(fc.record({ 'sluice.InlineImage': fc.record({ bytes }) }), fc.record({ 'sluice.ImageReference': fc.record({ uri: text, sha256: orNull(text) }) }))),
    label: orNull(text),
    predictions: orNull(text),
    embedding: orNull(bytes),
    origin: orNull(text),
  }),
  label: fc.record({ id: text, stream: text, label: text, time: orNull(long), forget: fc.boolean() }),
  decision: fc.oneof(
    fc.tuple(decisions, int).map(([decision, partition]) => decisionRecord(decision, partition)),
    fc.record({ ...event, event: fc.record({ 'sluice.Amend': fc.record({ suspicion: double, review: fc.boolean() }) }) }),
  ),
  alert: fc.record({
    kind: text, cluster: orNull(long), time: orNull(long), partition: int, seq: long, support: double, exemplars: fc.array(text), streams: fc.array(text), id: text, growth: orNull(double),
    first_seen: orNull(fc.record({ seq: long, time: orNull(long) })), nearest_known: orNull(fc.record({ cluster: long, distance: double })),
  }),
  cluster: fc.record({
    partition: int,
    event: fc.oneof(
      fc.record({ 'sluice.ClusterSketch': fc.record({ cluster: long, decided: long, centroid: bytes, weight: double, time: orNull(double), counts: fc.array(fc.record({ class: fc.oneof(text, fc.constantFrom('__proto__', 'constructor')), weight: double })) }) }),
      fc.record({
        'sluice.Standing': fc.record({ time: orNull(double), decided: long, rate: double, eligible: double, quantiles: bytes, transfers: fc.array(fc.record({ partition: int, given: long, taken: long })), variety: orNull(fc.record({ seen: long, mean: bytes, item: bytes, square: double })) }),
      }),
    ),
  }),
  changelog: fc.record({ kind: text, key: text, value: orNull(bytes), seq: long }),
  'dead-letter': fc.record({ ...event, code: text, cause: text }),
};
