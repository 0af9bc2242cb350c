/** What an undisturbed run makes of the committed inputs, held against what is committed. */
import type { KafkaMessage } from 'kafkajs';
import type { Embedded, Failed } from '../../../operators/items.ts';
import type { External } from '../../../operators/state/external.ts';
import { packLabel } from '../../../operators/state/late-label.ts';
import { packTold, unpackTold } from '../../../operators/state/pack-told.ts';
import { labelEventOf } from '../../../pipelines/stream/label-events.ts';
import { arrivalOf, embedded, idOf } from '../../../pipelines/stream/samples.ts';
import { amendRecord, decisionRecord } from '../../../schemas/records-decision.ts';
import { toldOf } from '../../../schemas/records-cluster.ts';
import type { ChangelogRecord, DecisionRecord } from '../../../schemas/records.ts';
import type { Told } from '../../../schemas/told.ts';
import { decideAll } from '../../support/embedded-host.ts';
import { eventsIn, type KafkaWorld } from '../../support/kafka.ts';

/** @returns what is wrong, a sentence each */
export async function violations(world: KafkaWorld): Promise<readonly string[]> {
  const [samples, labels, decisions, dead, changelog, clusters] = await Promise.all([world.committed('samples'), world.committed('labels'), world.decisions(), world.committed('dead'), world.committed('changelog'), world.committed('clusters')]);
  const told = await Promise.all(clusters.map((messages) => tellings(world, messages)));
  const found: string[] = [];
  for (const [partition, messages] of samples.entries()) {
    const events = await eventsIn(world.codec, changelog[partition] ?? []);
    const expected = await undisturbed(world, partition, messages, events, samples.length);
    const wrong = (what: string, is: readonly string[], due: readonly string[]): void => {
      const at = due.findIndex((line, i) => line !== is[i]);
      if (is.length !== due.length || at >= 0) found.push(`partition ${partition}: ${what}: ${is.length} there, ${due.length} due; the first that differs (${at}): ${(is[at] ?? 'nothing').slice(0, 300)} | ${(due[at] ?? 'nothing').slice(0, 300)}`);
    };
    const due = new Set(expected.decisions.map(({ id }) => id));
    const ids = (decisions[partition] ?? []).filter(({ event }) => 'sluice.Decision' in event).map(({ id }) => id);
    const extra = ids.filter((id, i) => !due.has(id) || ids.indexOf(id) !== i);
    if (extra.length > 0) found.push(`partition ${partition}: decided twice, or never sent: ${extra.join(', ')}`);
    wrong('decisions', (decisions[partition] ?? []).map(line).sort(), expected.decisions.map(line).sort());
    const buried = (topic: string | undefined, header: string): readonly string[] =>
      (dead[partition] ?? []).filter(({ headers }) => String(headers?.['__connect.errors.topic']) === topic).map(({ headers }) => String(headers?.[header]));
    wrong('dead letters', buried(world.settings.topics.samples, '__sluice.seq'), expected.dead.map(String));
    const given = await labelEvents(world, partition, labels[partition] ?? []);
    wrong('logged label events', events.filter(({ kind }) => kind === 'label').map(({ payload }) => base64(payload)), given.readable);
    wrong('dead label events', buried(world.settings.topics.labels, '__connect.errors.offset'), given.unreadable);
    wrong('tellings', told[partition] ?? [], expected.told);
    const heard = events.filter(({ kind }) => kind === 'hear').flatMap(({ payload }) => unpackTold(payload));
    for (const other of told.keys()) {
      const lines = heard.filter((one) => one.partition === other).map(lineOf);
      const unsaid = lines.filter((line) => other === partition || !told[other]?.includes(line));
      if (unsaid.length > 0) found.push(`partition ${partition}: heard ${unsaid.length} things of partition ${other} that are not committed`);
      if (new Set(lines).size < lines.length) found.push(`partition ${partition}: heard the same of partition ${other} twice`);
    }
    wrong('state', await stateOf(world, changelog[partition] ?? []), expected.state);
  }
  return found;
}

const base64 = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString('base64');
const line = (value: unknown): string => JSON.stringify(value);

/** What there is to be logged of the labels topic, and the offsets of what cannot be understood. */
async function labelEvents(world: KafkaWorld, partition: number, messages: readonly KafkaMessage[]): Promise<{ readonly readable: readonly string[]; readonly unreadable: readonly string[] }> {
  const read = world.codec.reader('label');
  const events = await Promise.all(messages.map((message) => labelEventOf({ topic: world.settings.topics.labels ?? '', partition }, message, read)));
  return {
    readable: events.flatMap((event) => ('error' in event || 'forget' in event ? [] : [base64(packLabel(event))])),
    unreadable: messages.filter((_, i) => 'error' in (events[i] ?? {})).map(({ offset }) => offset),
  };
}

/** What a partition has told, in order. */
async function tellings(world: KafkaWorld, messages: readonly KafkaMessage[]): Promise<readonly string[]> {
  const read = world.codec.reader('cluster');
  const told = await Promise.all(messages.map(async ({ key, value }) => toldOf(String(key), value === null ? null : await read(value))));
  return told.map((one) => (one === null ? 'nothing' : lineOf(one)));
}

const lineOf = (told: Told): string => base64(packTold([told]));

/** @param events each takes effect after the item it was logged after */
async function undisturbed(world: KafkaWorld, partition: number, messages: readonly KafkaMessage[], events: readonly External[], partitions: number): Promise<{ decisions: readonly DecisionRecord[]; dead: readonly number[]; told: readonly string[]; state: readonly string[] }> {
  const { settings, codec } = world;
  const { topics } = settings;
  const engine = { ...settings.engine, ...(topics.clusters === undefined ? {} : { fleet: { partition, partitions } }) };
  const read = codec.reader('sample');
  const known = new Set<string>();
  const items: (Embedded | Failed)[] = [];
  for (const message of messages) {
    const arrival = await arrivalOf({ topic: topics.samples, partition }, message, read, engine.dimension);
    const seq = items.length;
    if (known.has(idOf(arrival))) continue;
    if ('sample' in arrival.entry) known.add(idOf(arrival));
    items.push(embedded(arrival, seq) ?? { seq, id: idOf(arrival), error: 'error' in arrival.entry ? arrival.entry.error : new Error('a picture') } as Failed);
  }
  const store = await decideAll(engine, items, { events });
  const who = (seq: number): { id: string; stream: string } => {
    const item = items[seq];
    if (item === undefined || 'error' in item) throw new Error(`item ${seq} has no verdict`);
    return item.sample;
  };
  return {
    decisions: [...store.decisions.map((decision) => decisionRecord(decision, partition)), ...store.batches.flatMap(({ amends }) => amends).map((amend) => amendRecord(amend, who(amend.seq), partition))],
    dead: items.filter((item) => 'error' in item).map(({ seq }) => seq),
    told: store.batches.flatMap(({ told }) => told.map(lineOf)),
    state: [...store.state()].map(({ kind, key, value }) => `${kind}/${key} ${base64(value)}`).sort(),
  };
}

/** The engine's part of a changelog, as it now stands. */
async function stateOf(world: KafkaWorld, messages: readonly KafkaMessage[]): Promise<readonly string[]> {
  const read = world.codec.reader('changelog');
  const latest = new Map<string, ChangelogRecord>();
  for (const { key, value } of messages) {
    const name = key?.toString() ?? '';
    if (/^(barrier$|item\/|ids\/|totals\/|heard\/|partitions\/|settings\/)/.test(name)) continue;
    if (value === null) latest.delete(name);
    else latest.set(name, await read(value));
  }
  return [...latest].map(([name, { value }]) => `${name} ${base64(value)}`).sort();
}
