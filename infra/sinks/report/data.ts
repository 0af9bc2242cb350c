/** What the page carries for machines: the counts, and the points of the map. */
import { REASONS, reasonText } from '../../../schemas/reasons.ts';
import type { RunEntry } from '../../store/types.ts';
import { promised } from '../promised.ts';
import type { Collected, Verdicts } from './tally/collect.ts';

/** The counts that the page shows, from the same pass over the decisions. */
export interface SummaryData {
  readonly decided: number;
  readonly admitted: number;
  readonly rejected: number;
  readonly dead: number;
  readonly unspent: number;
  /** See promised.ts. */
  readonly promised: number | null;
  /** By decisive reason. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly streams: Readonly<Record<string, Verdicts>>;
}

export function summaryData(runs: readonly RunEntry[], collected: Collected): SummaryData {
  const { decided, admitted, rejected, dead, unspent, reasons, streams } = collected;
  const byReason = Object.fromEntries([...reasons].map(([code, v]) => [code, v.decided]));
  return { decided, admitted, rejected, dead: dead.total, unspent, promised: promised(runs, collected), reasons: byReason, streams: Object.fromEntries(streams) };
}

/** Read by page/data.js: names by number, ids, and each column as base64 of its bytes. */
export function pointsData(dir: string, { points }: Collected, places: Float32Array): unknown {
  const { ids, streams, kinds, labels, codes } = points;
  return {
    dir,
    n: points.length,
    ids,
    streams: streams.list(),
    kinds: kinds.list(),
    labels: labels.list(),
    codes: codes.list(),
    texts: Object.fromEntries([...new Set([...Object.keys(REASONS), ...codes.list()])].map((code) => [code, reasonText(code)])),
    columns: {
      place: Buffer.from(places.buffer, places.byteOffset, places.byteLength).toString('base64'),
      seq: points.seq.base64(),
      flags: points.flags.base64(),
      stream: points.stream.base64(),
      kind: points.kind.base64(),
      label: points.label.base64(),
      cluster: points.cluster.base64(),
      suspicion: points.suspicion.base64(),
      time: points.time.base64(),
      nearest: points.nearest.base64(),
      similarity: points.similarity.base64(),
      reasonEnd: points.reasonEnd.base64(),
      reasonCode: points.reasonCode.base64(),
      reasonValue: points.reasonValue.base64(),
      reasonThreshold: points.reasonThreshold.base64(),
    },
  };
}
