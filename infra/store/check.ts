/** What a batch must hold before it may be written. A fault here is a fault of the program, never of the input. */
import type { Alert, Decision } from '../../schemas/decision.ts';
import type { Batch } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';

/** Of a Date; beyond it no ISO 8601 text exists. */
const GREATEST_TIME = 8.64e15;

/**
 * Seqs go on from `nextSeq` without a gap over verdicts and dead letters together, and every number is finite: SQLite would
 * turn a NaN into NULL, and JSON has neither NaN nor Infinity.
 * @throws SluiceError SLUICE_E_INTERNAL
 */
export function checkBatch(batch: Batch, nextSeq: number): void {
  checkSeqs(batch, nextSeq);
  for (const decision of batch.decisions) checkDecision(decision);
  for (const amend of batch.amends) finite(`suspicion of amended item ${amend.seq}`, amend.suspicion);
  for (const alert of batch.alerts) checkAlert(alert);
  for (const { kind, key } of batch.changes) {
    if (!Number.isSafeInteger(key)) fault(`the key ${key} of a state record "${kind}" is no integer`);
  }
  finite('unspent', batch.unspent);
}

function checkSeqs(batch: Batch, nextSeq: number): void {
  const seqs = [...batch.decisions, ...batch.dead].map((entry) => entry.seq).sort((a, b) => a - b);
  seqs.forEach((seq, i) => {
    if (seq !== nextSeq + i) fault(`seq ${nextSeq + i} was due, but ${seq} came`);
  });
}

function checkDecision(d: Decision): void {
  const where = `of item ${d.seq}`;
  checkTime(`time ${where}`, d.time);
  for (const [name, value] of [['score', d.score], ['novelty', d.novelty], ['share', d.share]] as const) finite(`${name} ${where}`, value ?? 0);
  if (d.cluster !== null && !Number.isSafeInteger(d.cluster)) fault(`the cluster ${d.cluster} ${where} is no integer`);
  if (d.suspicion !== null) finite(`suspicion ${where}`, d.suspicion);
  if (d.nearest !== null) finite(`similarity ${where}`, d.nearest.similarity);
  for (const [name, value] of Object.entries(d.quality ?? {})) finite(`${name} ${where}`, value);
  for (const reason of d.reasons) {
    finite(`value of reason ${reason.code} ${where}`, reason.value);
    finite(`threshold of reason ${reason.code} ${where}`, reason.threshold);
  }
  for (const { index, bbox, share, suspicion } of d.objects) for (const value of [...bbox, share ?? 0, suspicion ?? 0]) finite(`finding of object ${index} ${where}`, value);
  if (Array.isArray(d.label)) for (const box of d.label) for (const side of box.bbox) finite(`box ${where}`, side);
  if (!allFinite(d.embedding)) fault(`the embedding ${where} holds a number that is not finite`);
}

function checkAlert(alert: Alert): void {
  const where = `of alert ${alert.kind} at ${alert.seq}`;
  if (!Number.isSafeInteger(alert.seq)) fault(`the seq ${where} is no integer`);
  if (alert.cluster !== null && !Number.isSafeInteger(alert.cluster)) fault(`the cluster ${where} is no integer`);
  checkTime(`time ${where}`, alert.time);
  finite(`support ${where}`, alert.support);
  finite(`growth ${where}`, alert.growth ?? 0);
  finite(`distance ${where}`, alert.nearestKnown?.distance ?? 0);
  checkTime(`time of the first item ${where}`, alert.firstSeen?.time ?? null);
}

function checkTime(what: string, time: number | null): void {
  if (time !== null && !(Math.abs(time) <= GREATEST_TIME)) fault(`the ${what} is ${time}, which no date has`);
}

/** Counted by hand: `every` takes 4 µs an embedding, this 0.2. */
function allFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

function finite(what: string, value: number): void {
  if (!Number.isFinite(value)) fault(`the ${what} is ${value}, not a finite number`);
}

function fault(what: string): never {
  throw new SluiceError('SLUICE_E_INTERNAL', `A batch was not written: ${what}.`);
}
