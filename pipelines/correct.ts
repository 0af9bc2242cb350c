/** Corrections of labels that an output folder holds: each is an event that reaches the head, the class counts and the suspicion, and takes its place in the record. */
import { readCorrections, type BadRow, type Corrections, type GivenCorrection } from '../infra/sources/corrections.ts';
import { openReader } from '../infra/store/reader.ts';
import { openStore, type SqliteStore } from '../infra/store/sqlite.ts';
import type { Reader, RunConfig, StoredDecision } from '../infra/store/types.ts';
import { eventBatch } from '../operators/event-batch.ts';
import type { Amend, Correction } from '../schemas/decision.ts';
import { SluiceError } from '../schemas/errors.ts';
import { classesOf } from '../schemas/sample.ts';
import { closing } from './closing.ts';
import { originOf, sameCategories } from './corrected-origin.ts';
import { engineOf } from './reopened.ts';

/** Corrections of one transaction. */
const AT_ONCE = 1000;

export interface CorrectSettings {
  readonly dir: string;
  /** A CSV `path,label`, or a COCO JSON. */
  readonly labels: string;
}

export interface CorrectSummary {
  readonly corrected: number;
  /** Labels that the folder has as they are given. */
  readonly unchanged: number;
  /** Ids that it has no verdict on. */
  readonly unknown: number;
  readonly bad: readonly BadRow[];
  /** Corrected ones that are still for review: what is known does not bear them out. */
  readonly review: number;
}

/** @throws SluiceError SLUICE_E_NOT_FOUND (no run in DIR), SLUICE_E_BUSY, SLUICE_E_SOURCE_SYNTAX or SLUICE_E_CONFIG_INVALID of the file */
export function correctLabels({ dir, labels }: CorrectSettings): Promise<CorrectSummary> {
  return closing(async (later) => {
    const corrections = await readCorrections(labels);
    // A folder without a run is not to become one.
    openReader(dir).close();
    const store = openStore(dir);
    later(() => store.close());
    const reader = openReader(dir);
    later(() => reader.close());
    const config = store.lastRun()?.config;
    if (config === undefined) throw new SluiceError('SLUICE_E_NOT_FOUND', `${dir} holds no run.`);
    return apply(corrections, config, store, reader);
  });
}

interface Due {
  readonly item: StoredDecision;
  readonly given: GivenCorrection;
}

function apply(corrections: Corrections, config: RunConfig, store: SqliteStore, reader: Reader): CorrectSummary {
  const bad = [...corrections.bad];
  const due: Due[] = [];
  let [unchanged, unknown] = [0, 0];
  for (const [id, given] of corrections.given) {
    const item = reader.decision(id);
    if (item === null) unknown += 1;
    else if (JSON.stringify(item.label) === JSON.stringify(given.label)) unchanged += 1;
    else if (typeof given.label === 'string' && Array.isArray(item.label)) bad.push({ id, code: 'SLUICE_E_LABEL_INVALID', cause: `${id} has boxes, which a class alone cannot correct; give a COCO JSON.` });
    else if (item.cluster === null) bad.push({ id, code: 'SLUICE_E_LABEL_INVALID', cause: `${id} was rejected as unchanged and never looked at: there is nothing that its label could teach.` });
    else due.push({ item, given });
  }
  const reviews = due.length === 0 ? new Map<number, boolean>() : correctAll(due, corrections, config, store, reader);
  return { corrected: due.length, unchanged, unknown, bad, review: due.filter(({ item }) => reviews.get(item.seq) === true).length };
}

/** @returns whether each amended item is for review now */
function correctAll(due: readonly Due[], corrections: Corrections, config: RunConfig, store: SqliteStore, reader: Reader): ReadonlyMap<number, boolean> {
  const [first] = due;
  const engine = engineOf(store, config, first === undefined ? 0 : store.embedding(first.item.seq).length);
  const spelled = sameCategories(corrections, reader);
  const after = store.nextSeq - 1;
  const reviews = new Map<number, boolean>();
  for (let at = 0; at < due.length; at += AT_ONCE) {
    const amends: Amend[] = [];
    const records: Correction[] = [];
    for (const { item, given } of due.slice(at, at + AT_ONCE)) {
      const { id, seq, stream, verdict, quality } = item;
      const { label } = given;
      const event = { id, classes: classesOf(label) ?? [], letter: new Uint8Array(), ...(typeof label === 'string' ? {} : { boxes: label }) };
      const corrected = engine.correct(event, after, { seq, stream, admitted: verdict === 'admit', embedding: store.embedding(seq) }, item.objects, quality ?? { width: 0, height: 0 });
      amends.push(...corrected.amends);
      records.push({ seq, label, origin: originOf(reader.origin(seq), given, spelled), objects: corrected.objects });
    }
    store.commit(eventBatch(engine, { amends, corrections: records, labels: { learned: records.length, waiting: 0, repeated: 0 } }));
    for (const { seq, review } of amends) reviews.set(seq, review);
  }
  return reviews;
}
