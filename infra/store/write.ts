/** The statements of one commit. */
import type { DatabaseSync } from 'node:sqlite';
import type { Amend, Change, Correction, DeadLetter, Decision, Turned } from '../../schemas/decision.ts';
import type { Batch, Strip } from '../../operators/ports.ts';
import type { ItemFaults } from '../../schemas/annotations.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { alertValues, INSERT_ALERT, INSERT_ITEM, itemValues } from './rows.ts';
import type { Totals } from './types.ts';
import { toText, toVector } from './values.ts';

/** Runs inside a transaction of the caller. */
export type BatchWriter = (batch: Batch, after: Totals) => void;

export function batchWriter(db: DatabaseSync): BatchWriter {
  const decide = decisionWriter(db);
  const illustrate = stripWriter(db);
  const bury = deadWriter(db);
  const fault = faultWriter(db);
  const amend = amendWriter(db);
  const correct = correctionWriter(db);
  const unpicture = unpictureWriter(db);
  const turn = turnWriter(db);
  const change = changeWriter(db);
  const alert = db.prepare(INSERT_ALERT);
  const figures = db.prepare('UPDATE figures SET decided = ?, admitted = ?, dead = ?, unspent = ?, transactions = ?');
  return (batch, after) => {
    batch.decisions.forEach(decide);
    batch.strips.forEach(illustrate);
    batch.unpictured?.forEach(unpicture);
    batch.turned?.forEach(turn);
    batch.dead.forEach(bury);
    batch.faults.forEach(fault);
    batch.amends.forEach(amend);
    batch.corrections?.forEach((correction) => correct(correction, after.decided + after.dead - 1));
    for (const raised of batch.alerts) alert.run(...alertValues(raised));
    batch.changes.forEach(change);
    figures.run(after.decided, after.admitted, after.dead, after.unspent, after.transactions);
  };
}

function decisionWriter(db: DatabaseSync): (d: Decision) => void {
  const item = db.prepare(INSERT_ITEM);
  const vector = db.prepare('INSERT INTO vectors(seq, vector) VALUES(?, ?)');
  const origin = db.prepare('INSERT INTO origins(seq, origin) VALUES(?, ?)');
  const objects = db.prepare('INSERT INTO objects(seq, findings) VALUES(?, ?)');
  return (d) => {
    item.run(...itemValues(d));
    if (d.cluster !== null) vector.run(d.seq, toVector(d.embedding));
    if (d.origin !== null) origin.run(d.seq, toText(d.origin));
    if (d.objects.length > 0) objects.run(d.seq, JSON.stringify(d.objects));
  };
}

function stripWriter(db: DatabaseSync): (strip: Strip) => void {
  const strip = db.prepare('INSERT INTO strips(jpeg) VALUES(?)');
  const thumbnail = db.prepare('INSERT INTO thumbnails(seq, strip, place) VALUES(?, ?, ?)');
  return ({ jpeg, seqs }) => {
    const { lastInsertRowid } = strip.run(jpeg);
    seqs.forEach((seq, place) => thumbnail.run(seq, lastInsertRowid, place));
  };
}

/** A strip goes with the last of its thumbnails. */
export function unpictureWriter(db: DatabaseSync): (seq: number) => void {
  const strip = db.prepare('SELECT strip FROM thumbnails WHERE seq = ?');
  const remove = db.prepare('DELETE FROM thumbnails WHERE seq = ?');
  const empty = db.prepare('DELETE FROM strips WHERE strip = ? AND NOT EXISTS (SELECT 1 FROM thumbnails WHERE thumbnails.strip = strips.strip)');
  return (seq) => {
    const found = strip.get(seq)?.['strip'];
    if (found === undefined) return;
    remove.run(seq);
    empty.run(found);
  };
}

function turnWriter(db: DatabaseSync): (turned: Turned) => void {
  const update = db.prepare('UPDATE items SET admitted = ?, reasons = ?, split = ?, uri = ? WHERE seq = ?');
  return ({ seq, verdict, reasons, split, uri }) => {
    if (update.run(verdict === 'admit' ? 1 : 0, JSON.stringify(reasons), split, toText(uri), seq).changes !== 1) throw new SluiceError('SLUICE_E_INTERNAL', `A batch was not written: the verdict on item ${seq} was turned round but it has none.`);
  };
}

function deadWriter(db: DatabaseSync): (letter: DeadLetter) => void {
  const insert = db.prepare('INSERT INTO dead(seq, id, code, cause) VALUES(?, ?, ?, ?)');
  return (letter) => {
    insert.run(letter.seq, toText(letter.id), letter.code, toText(letter.cause));
  };
}

function faultWriter(db: DatabaseSync): (faults: ItemFaults) => void {
  const insert = db.prepare('INSERT INTO faults(seq, code, count, causes) VALUES(?, ?, ?, ?)');
  return ({ seq, code, count, causes }) => {
    insert.run(seq, code, count, JSON.stringify(causes));
  };
}

/** The first suspicion of an item stays; later ones move `suspicion_now` only. */
function amendWriter(db: DatabaseSync): (amend: Amend) => void {
  const update = db.prepare('UPDATE items SET suspicion = coalesce(suspicion, ?), suspicion_now = ?, review = ? WHERE seq = ?');
  return ({ seq, suspicion, review }) => {
    if (update.run(suspicion, suspicion, review ? 1 : 0, seq).changes !== 1) throw new SluiceError('SLUICE_E_INTERNAL', `A batch was not written: item ${seq} was amended but has no verdict.`);
  };
}

/** The label as it was goes into the record, the one in force takes its place. */
function correctionWriter(db: DatabaseSync): (correction: Correction, after: number) => void {
  const keep = db.prepare('INSERT INTO corrections(seq, after, label, origin) SELECT seq, ?, label, (SELECT origin FROM origins WHERE origins.seq = items.seq) FROM items WHERE seq = ?');
  const label = db.prepare('UPDATE items SET label = ? WHERE seq = ?');
  const [noOrigin, noObjects] = ['origins', 'objects'].map((table) => db.prepare(`DELETE FROM ${table} WHERE seq = ?`));
  const origin = db.prepare('INSERT INTO origins(seq, origin) VALUES(?, ?)');
  const objects = db.prepare('INSERT INTO objects(seq, findings) VALUES(?, ?)');
  return (correction, after) => {
    const { seq } = correction;
    if (keep.run(after, seq).changes !== 1) throw new SluiceError('SLUICE_E_INTERNAL', `A batch was not written: the label of item ${seq} was corrected but it has no verdict.`);
    label.run(JSON.stringify(correction.label), seq);
    noOrigin?.run(seq);
    noObjects?.run(seq);
    if (correction.origin !== null) origin.run(seq, toText(correction.origin));
    if (correction.objects.length > 0) objects.run(seq, JSON.stringify(correction.objects));
  };
}

/** Of the records of the engine. */
export function changeWriter(db: DatabaseSync): (change: Change) => void {
  const put = db.prepare('INSERT INTO state(kind, key, value) VALUES(?, ?, ?) ON CONFLICT(kind, key) DO UPDATE SET value = excluded.value');
  const remove = db.prepare('DELETE FROM state WHERE kind = ? AND key = ?');
  return ({ kind, key, value }) => {
    if (value === null) remove.run(kind, key);
    else put.run(kind, key, value);
  };
}
