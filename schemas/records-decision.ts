/** Decisions and amendments as records, and decisions back. */
import type { Amend, BoxFault, Decision, ObjectFinding } from './decision.ts';
import { SluiceError } from './errors.ts';
import { labelJson, labelOf } from './records-label.ts';
import { vectorBytes, vectorOf } from './records-vector.ts';
import type { DecisionRecord, ObjectFindingRecord } from './records.ts';

export function decisionRecord({ id, stream, seq, ...decided }: Decision, partition: number): DecisionRecord {
  const reasons = decided.reasons.map((reason) => ({ ...reason, object: reason.object ?? null }));
  const decision = { ...decided, reasons, label: labelJson(decided.label), embedding: vectorBytes(decided.embedding) };
  return { id, stream, partition, seq, event: { 'sluice.Decision': decision } };
}

/** @param of the item that is amended */
export function amendRecord({ seq, suspicion, review }: Amend, of: { readonly id: string; readonly stream: string }, partition: number): DecisionRecord {
  return { id: of.id, stream: of.stream, partition, seq, event: { 'sluice.Amend': { suspicion, review } } };
}

/** @returns what the record says, whichever of the two it is. @throws SluiceError SLUICE_E_RECORD_CORRUPT, SLUICE_E_LABEL_INVALID */
export function decisionOf({ id, stream, seq, event }: DecisionRecord): { readonly decision: Decision } | { readonly amend: Amend } {
  if ('sluice.Amend' in event) return { amend: { seq, ...event['sluice.Amend'] } };
  const decided = event['sluice.Decision'];
  const { split } = decided;
  if (split !== null && split !== 'train' && split !== 'validation') throw new SluiceError('SLUICE_E_RECORD_CORRUPT', `decision: there is no split ${JSON.stringify(split.slice(0, 40))}`);
  const reasons = decided.reasons.map(({ object, ...reason }) => (object === null ? reason : { ...reason, object }));
  return { decision: { id, stream, seq, ...decided, reasons, split, objects: decided.objects.map(findingOf), label: labelOf(decided.label), embedding: vectorOf(decided.embedding) } };
}

const FAULTS: ReadonlySet<string> = new Set<BoxFault>(['outside', 'duplicate', 'implausible', 'background', 'mislocated', 'overlooked']);

function findingOf({ bbox: [x = NaN, y = NaN, width = NaN, height = NaN], faults, ...finding }: ObjectFindingRecord): ObjectFinding {
  const unknown = faults.find((fault) => !FAULTS.has(fault));
  if (unknown !== undefined) throw new SluiceError('SLUICE_E_RECORD_CORRUPT', `decision: there is no fault ${JSON.stringify(unknown.slice(0, 40))} of a box`);
  return { ...finding, bbox: [x, y, width, height], faults: faults as readonly BoxFault[] };
}
