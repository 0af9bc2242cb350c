import type { ObjectFinding } from '../../schemas/decision.ts';
import type { StoredDecision } from '../store/types.ts';
import { inPixels } from './boxes.ts';
import { selected } from './select.ts';
import type { TextFormat } from './types.ts';

/** The fields of a line, in the order of the contract. */
const FIELDS: Readonly<Record<string, (d: StoredDecision) => unknown>> = {
  id: (d) => d.id,
  uri: (d) => d.uri,
  stream: (d) => d.stream,
  time: (d) => isoTime(d.time),
  seq: (d) => d.seq,
  verdict: (d) => d.verdict,
  review: (d) => d.review,
  reasons: (d) => d.reasons.map(({ code, value, threshold }) => ({ code, value, threshold })),
  score: (d) => d.score,
  novelty: (d) => d.novelty,
  cluster: (d) => d.cluster,
  share: (d) => d.share,
  nearest: (d) => d.nearest,
  label: (d) => (Array.isArray(d.label) ? d.label.map((box) => inPixels(box, d.quality)) : d.label),
  suspicion: (d) => d.suspicion,
  suspicion_now: (d) => d.suspicionNow,
  quality: (d) => d.quality,
  split: (d) => d.split,
};

/** Behind the fields, and only on lines that have some: a line without objects stays as the contract has it. */
const OBJECTS = 'objects';

/** One JSON object a line, with everything a verdict holds. */
export const jsonl: TextFormat = {
  name: 'jsonl',
  kind: 'text',
  path: null,
  begins: (line) => keysOf(line)?.filter((key) => key !== OBJECTS).join() === Object.keys(FIELDS).join(),
  *text(reader, selection) {
    for (const decision of selected(reader, selection)) yield `${JSON.stringify(lineOf(decision))}\n`;
  },
  lacks: (decision, origin, leftOut) => leftOut.addBeyondBoxes(decision.label, origin),
};

/** What a line says, before it is JSON. */
export function lineOf(d: StoredDecision): Record<string, unknown> {
  const fields = Object.entries(FIELDS).map(([key, field]): [string, unknown] => [key, field(d)]);
  return Object.fromEntries(d.objects.length === 0 ? fields : [...fields, [OBJECTS, d.objects.map((object) => objectOf(object, d))]]);
}

/** `reasons` are the codes of those that are of this object: `reasons` of the line stay as the contract has them. */
function objectOf({ index, class: name, bbox, suspicion, suggested, faults }: ObjectFinding, { reasons }: StoredDecision): Record<string, unknown> {
  return { index, class: name, bbox, suspicion, suggested, faults, reasons: reasons.filter(({ object }) => object === index).map(({ code }) => code) };
}

/** The keys of a line, null where it is no JSON object. */
function keysOf(line: string): readonly string[] | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? Object.keys(value) : null;
  } catch {
    return null;
  }
}

/** ISO 8601 in UTC. */
export function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
