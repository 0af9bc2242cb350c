/** What engines tell each other, in the binary form of the log. */
import type { ClusterSketch, Standing, Told, VarietySketch } from '../../schemas/told.ts';
import { Packer, Unpacker } from './codec.ts';

/** A standing with its variety is a kind of its own: logs from before there was one stay readable. */
const [GONE, SKETCH, STANDING, VARIED] = [0, 1, 2, 3];

export function packTold(told: readonly Told[]): Uint8Array {
  const out = new Packer().f64(told.length);
  for (const one of told) {
    if ('standing' in one) {
      const { time, decided, rate, eligible, quantiles, transfers, variety } = one.standing;
      out.f64(one.partition, variety === null ? STANDING : VARIED, time ?? NaN, decided, rate, eligible, transfers.length).f32s(quantiles);
      for (const { partition, given, taken } of transfers) out.f64(partition, given, taken);
      if (variety !== null) out.f64(variety.seen, variety.square).f32s(variety.mean).f32s(variety.item);
    } else if (one.sketch === null) {
      out.f64(one.partition, GONE, one.cluster);
    } else {
      const { decided, centroid, weight, time, counts } = one.sketch;
      out.f64(one.partition, SKETCH, one.cluster, decided, weight, time ?? NaN).f32s(centroid).texts(counts.map((entry) => entry.class)).f64(...counts.map((entry) => entry.weight));
    }
  }
  return out.done();
}

export function unpackTold(payload: Uint8Array): readonly Told[] {
  const from = new Unpacker(payload);
  return Array.from({ length: from.f64() }, (): Told => {
    const [partition, kind] = [from.f64(), from.f64()];
    if (kind === STANDING || kind === VARIED) return { partition, standing: standing(from, kind === VARIED) };
    const cluster = from.f64();
    return { partition, cluster, sketch: kind === GONE ? null : sketch(from) };
  });
}

function standing(from: Unpacker, varied: boolean): Standing {
  const [time, decided, rate, eligible, count, quantiles] = [timeOf(from), from.f64(), from.f64(), from.f64(), from.f64(), from.f32s()];
  const transfers = Array.from({ length: count }, () => ({ partition: from.f64(), given: from.f64(), taken: from.f64() }));
  return { time, decided, rate, eligible, quantiles, transfers, variety: varied ? varietyOf(from) : null };
}

function varietyOf(from: Unpacker): VarietySketch {
  return { seen: from.f64(), square: from.f64(), mean: from.f32s(), item: from.f32s() };
}

function sketch(from: Unpacker): ClusterSketch {
  const [decided, weight, time, centroid] = [from.f64(), from.f64(), timeOf(from), from.f32s()];
  return { decided, centroid, weight, time, counts: from.texts().map((name) => ({ class: name, weight: from.f64() })) };
}

function timeOf(from: Unpacker): number | null {
  const time = from.f64();
  return Number.isNaN(time) ? null : time;
}
