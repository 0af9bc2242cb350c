/** Counts over time: items in order, or event time, cut into equal steps with round limits. */
import type { Series } from './tally/series.ts';

const MOST_BINS = 72;
const MS = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const TIME_STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500,
  ...[1, 2, 5, 10, 20, 30].map((n) => n * MS.second),
  ...[1, 2, 5, 10, 20, 30].map((n) => n * MS.minute),
  ...[1, 2, 3, 6, 12].map((n) => n * MS.hour),
  ...[1, 2, 7, 14, 28, 91, 182, 364, 728, 3640, 36_400].map((n) => n * MS.day),
];

export interface Axis {
  readonly kind: 'time' | 'seq';
  readonly start: number;
  readonly step: number;
  readonly bins: number;
}

export interface Histogram {
  readonly admitted: Uint32Array;
  readonly rejected: Uint32Array;
}

/** Event time where every item has one and they differ; else the number in the stream. */
export function axisOf(series: Series): Axis {
  const { seq, time } = series;
  const n = seq.length;
  if (series.timed && n > 0) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < n; i++) {
      low = Math.min(low, time.at(i));
      high = Math.max(high, time.at(i));
    }
    const step = TIME_STEPS.find((s) => Math.floor(high / s) - Math.floor(low / s) < MOST_BINS);
    if (high > low && step !== undefined) return cut('time', low, high, step);
  }
  return n === 0 ? { kind: 'seq', start: 0, step: 1, bins: 0 } : cut('seq', 0, seq.at(n - 1), itemStep(seq.at(n - 1)));
}

function cut(kind: Axis['kind'], low: number, high: number, step: number): Axis {
  const first = Math.floor(low / step);
  return { kind, start: first * step, step, bins: Math.floor(high / step) - first + 1 };
}

/** 1, 2 or 5 times a power of ten. */
function itemStep(last: number): number {
  for (let power = 1; ; power *= 10) {
    for (const digit of [1, 2, 5]) if (last / (digit * power) < MOST_BINS) return digit * power;
  }
}

/** Counts of all streams together and of each by its number. */
export function fillBins(series: Series, axis: Axis): { readonly all: Histogram; readonly streams: readonly Histogram[] } {
  const all = emptyHistogram(axis.bins);
  const streams = series.streams.list().map(() => emptyHistogram(axis.bins));
  for (let i = 0; i < series.seq.length; i++) {
    const at = axis.kind === 'time' ? series.time.at(i) : series.seq.at(i);
    const bin = Math.floor((at - axis.start) / axis.step);
    for (const histogram of [all, streams[series.stream.at(i)]]) {
      if (histogram === undefined) continue;
      const counts = series.admitted.at(i) === 1 ? histogram.admitted : histogram.rejected;
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  return { all, streams };
}

function emptyHistogram(bins: number): Histogram {
  return { admitted: new Uint32Array(bins), rejected: new Uint32Array(bins) };
}

/** The sum of several. */
export function sumHistograms(histograms: readonly Histogram[], bins: number): Histogram {
  const sum = emptyHistogram(bins);
  for (const { admitted, rejected } of histograms) {
    for (let bin = 0; bin < bins; bin++) {
      sum.admitted[bin] = (sum.admitted[bin] ?? 0) + (admitted[bin] ?? 0);
      sum.rejected[bin] = (sum.rejected[bin] ?? 0) + (rejected[bin] ?? 0);
    }
  }
  return sum;
}
