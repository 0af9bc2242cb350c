/** Verdicts and alerts as rows, there and back. */
import type { SQLInputValue } from 'node:sqlite';
import type { Alert, DeadLetter, Decision } from '../../schemas/decision.ts';
import { json, number, numberOrNull, type Row, text, textOrNull, toText } from './values.ts';
import type { RunConfig, RunEntry, StoredDecision, Totals } from './types.ts';

export const COLUMNS =
  'seq, id, uri, stream, time, admitted, review, reasons, score, novelty, cluster, share, nearest, similarity, label, suspicion, suspicion_now, quality, split, digest';

export const INSERT_ITEM = `INSERT INTO items(${COLUMNS}) VALUES(${COLUMNS.replaceAll(/\w+/g, '?')})`;

/** @param version of the tables: the first knew of no objects */
export function selectItem(version: number): string {
  return `SELECT ${COLUMNS}, ${version < 2 ? 'NULL' : '(SELECT findings FROM objects WHERE objects.seq = items.seq)'} AS findings FROM items`;
}

/** In the order of INSERT_ITEM. A -0 comes back as 0, as from JSON. */
export function itemValues(d: Decision): SQLInputValue[] {
  return [
    d.seq, toText(d.id), toText(d.uri), toText(d.stream), d.time, d.verdict === 'admit' ? 1 : 0, d.review ? 1 : 0,
    JSON.stringify(d.reasons), d.score, d.novelty, d.cluster, d.share, d.nearest === null ? null : toText(d.nearest.id), d.nearest === null ? null : d.nearest.similarity,
    d.label === null ? null : JSON.stringify(d.label), d.suspicion, d.suspicion, JSON.stringify(d.quality), d.split, d.digest,
  ];
}

export function decisionOf(row: Row): StoredDecision {
  const nearest = textOrNull(row['nearest']);
  return {
    seq: number(row['seq']),
    id: text(row['id']),
    uri: text(row['uri']),
    stream: text(row['stream']),
    time: numberOrNull(row['time']),
    verdict: row['admitted'] === 1 ? 'admit' : 'reject',
    review: row['review'] === 1,
    reasons: json<Decision['reasons']>(row['reasons']),
    score: number(row['score']),
    novelty: number(row['novelty']),
    cluster: number(row['cluster']),
    share: number(row['share']),
    nearest: nearest === null ? null : { id: nearest, similarity: number(row['similarity']) },
    label: row['label'] === null ? null : json<Decision['label']>(row['label']),
    suspicion: numberOrNull(row['suspicion']),
    suspicionNow: numberOrNull(row['suspicion_now']),
    quality: json<Decision['quality']>(row['quality']),
    split: textOrNull(row['split']) as Decision['split'],
    objects: row['findings'] === null ? [] : json<Decision['objects']>(row['findings']),
    digest: text(row['digest']),
  };
}

const ALERT_COLUMNS = 'seq, kind, cluster, time, support, exemplars, streams';
const ALERT_MORE = 'first_seen, growth, nearest_known';

export const INSERT_ALERT = `INSERT INTO alerts(${ALERT_COLUMNS}, id, ${ALERT_MORE}) VALUES(${'?, '.repeat(10)}?)`;

/** @param version of the tables: alerts of the first three have no ids but their numbers */
export function selectAlert(version: number): string {
  return `SELECT number, ${ALERT_COLUMNS}, ${version < 4 ? "'old-' || number AS id, NULL AS first_seen, NULL AS growth, NULL AS nearest_known" : `coalesce(id, 'old-' || number) AS id, ${ALERT_MORE}`} FROM alerts`;
}

/** In the order of INSERT_ALERT. */
export function alertValues(a: Alert): SQLInputValue[] {
  return [
    a.seq, a.kind, a.cluster, a.time, a.support, JSON.stringify(a.exemplars), JSON.stringify(a.streams),
    a.id, a.firstSeen === null ? null : JSON.stringify(a.firstSeen), a.growth, a.nearestKnown === null ? null : JSON.stringify(a.nearestKnown),
  ];
}

export function alertOf(row: Row): Alert {
  return {
    id: text(row['id']),
    kind: text(row['kind']),
    cluster: numberOrNull(row['cluster']),
    time: numberOrNull(row['time']),
    seq: number(row['seq']),
    support: number(row['support']),
    exemplars: json<Alert['exemplars']>(row['exemplars']),
    streams: json<Alert['streams']>(row['streams']),
    firstSeen: row['first_seen'] === null ? null : json<Alert['firstSeen']>(row['first_seen']),
    growth: numberOrNull(row['growth']),
    nearestKnown: row['nearest_known'] === null ? null : json<Alert['nearestKnown']>(row['nearest_known']),
  };
}

export function deadOf(row: Row): DeadLetter {
  return { seq: number(row['seq']), id: text(row['id']), code: text(row['code']), cause: text(row['cause']) };
}

export function runOf(row: Row): RunEntry {
  // What an earlier version did not know was not in force.
  const stored = json<Omit<RunConfig, 'per' | 'validationShare' | 'guard' | 'known' | 'objects' | 'predictions'> & Partial<RunConfig>>(row['config']);
  return { seq: number(row['seq']), config: { ...stored, per: stored.per ?? 'fleet', validationShare: stored.validationShare ?? 0, guard: stored.guard ?? null, known: stored.known ?? null, objects: stored.objects ?? 'off', predictions: stored.predictions ?? null } };
}

export function totalsOf(row: Row | undefined): Totals {
  return {
    decided: number(row?.['decided']),
    admitted: number(row?.['admitted']),
    dead: number(row?.['dead']),
    unspent: number(row?.['unspent']),
    transactions: number(row?.['transactions']),
  };
}
