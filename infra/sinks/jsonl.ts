import type { StoredDecision } from '../store/types.ts';
import { inPixels } from './boxes.ts';
import { selected } from './select.ts';
import type { TextFormat } from './types.ts';

/** One JSON object a line, with everything a verdict holds: the format that loses nothing. */
export const jsonl: TextFormat = {
  name: 'jsonl',
  kind: 'text',
  path: null,
  *text(reader, selection) {
    for (const decision of selected(reader, selection)) yield `${JSON.stringify(recordOf(decision))}\n`;
  },
};

/** The fields of a line, in the order of the contract. */
function recordOf(d: StoredDecision): Record<string, unknown> {
  return {
    id: d.id,
    uri: d.uri,
    stream: d.stream,
    time: isoTime(d.time),
    seq: d.seq,
    verdict: d.verdict,
    review: d.review,
    reasons: d.reasons.map(({ code, value, threshold }) => ({ code, value, threshold })),
    score: d.score,
    novelty: d.novelty,
    cluster: d.cluster,
    share: d.share,
    nearest: d.nearest,
    label: Array.isArray(d.label) ? d.label.map((box) => inPixels(box, d.quality)) : d.label,
    suspicion: d.suspicion,
    suspicion_now: d.suspicionNow,
    quality: d.quality,
    split: d.split,
  };
}

/** ISO 8601 in UTC. */
export function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
