/** What an undisturbed run makes of the committed inputs, held against what is committed. */
import type { KafkaMessage } from 'kafkajs';
import type { Embedded, Failed } from '../../../operators/items.ts';
import { arrivalOf, embedded, idOf } from '../../../pipelines/stream/samples.ts';
import { amendRecord, decisionRecord } from '../../../schemas/records-decision.ts';
import type { ChangelogRecord, DecisionRecord } from '../../../schemas/records.ts';
import { decideAll } from '../../support/embedded-host.ts';
import type { KafkaWorld } from '../../support/kafka.ts';

/** @returns what is wrong, a sentence each */
export async function violations(world: KafkaWorld): Promise<readonly string[]> {
  const [samples, decisions, dead, changelog] = await Promise.all([world.committed('samples'), world.decisions(), world.committed('dead'), world.committed('changelog')]);
  const found: string[] = [];
  for (const [partition, messages] of samples.entries()) {
    const expected = await undisturbed(world, partition, messages);
    const wrong = (what: string, is: readonly string[], due: readonly string[]): void => {
      const at = due.findIndex((line, i) => line !== is[i]);
      if (is.length !== due.length || at >= 0) found.push(`partition ${partition}: ${what}: ${is.length} there, ${due.length} due; the first that differs (${at}): ${(is[at] ?? 'nothing').slice(0, 300)} | ${(due[at] ?? 'nothing').slice(0, 300)}`);
    };
    const due = new Set(expected.decisions.map(({ id }) => id));
    const ids = (decisions[partition] ?? []).filter(({ event }) => 'sluice.Decision' in event).map(({ id }) => id);
    const extra = ids.filter((id, i) => !due.has(id) || ids.indexOf(id) !== i);
    if (extra.length > 0) found.push(`partition ${partition}: decided twice, or never sent: ${extra.join(', ')}`);
    wrong('decisions', (decisions[partition] ?? []).map(line).sort(), expected.decisions.map(line).sort());
    wrong('dead letters', (dead[partition] ?? []).map(({ headers }) => String(headers?.['__sluice.seq'])), expected.dead.map(String));
    wrong('state', await stateOf(world, changelog[partition] ?? []), expected.state);
  }
  return found;
}

const line = (value: unknown): string => JSON.stringify(value);

async function undisturbed(world: KafkaWorld, partition: number, messages: readonly KafkaMessage[]): Promise<{ decisions: readonly DecisionRecord[]; dead: readonly number[]; state: readonly string[] }> {
  const { settings, codec } = world;
  const read = codec.reader('sample');
  const known = new Set<string>();
  const items: (Embedded | Failed)[] = [];
  for (const message of messages) {
    const arrival = await arrivalOf({ topic: settings.topics.samples, partition }, message, read, settings.engine.dimension);
    const seq = items.length;
    if (known.has(idOf(arrival))) continue;
    if ('sample' in arrival.entry) known.add(idOf(arrival));
    items.push(embedded(arrival, seq) ?? { seq, id: idOf(arrival), error: 'error' in arrival.entry ? arrival.entry.error : new Error('a picture') } as Failed);
  }
  const store = await decideAll(settings.engine, items);
  const who = (seq: number): { id: string; stream: string } => {
    const item = items[seq];
    if (item === undefined || 'error' in item) throw new Error(`item ${seq} has no verdict`);
    return item.sample;
  };
  return {
    decisions: [...store.decisions.map((decision) => decisionRecord(decision, partition)), ...store.batches.flatMap(({ amends }) => amends).map((amend) => amendRecord(amend, who(amend.seq), partition))],
    dead: items.filter((item) => 'error' in item).map(({ seq }) => seq),
    state: [...store.state()].map(({ kind, key, value }) => `${kind}/${key} ${Buffer.from(value ?? []).toString('base64')}`).sort(),
  };
}

/** The engine's part of a changelog, as it now stands. */
async function stateOf(world: KafkaWorld, messages: readonly KafkaMessage[]): Promise<readonly string[]> {
  const read = world.codec.reader('changelog');
  const latest = new Map<string, ChangelogRecord>();
  for (const { key, value } of messages) {
    const name = key?.toString() ?? '';
    if (/^(barrier$|item\/|totals\/)/.test(name)) continue;
    if (value === null) latest.delete(name);
    else latest.set(name, await read(value));
  }
  return [...latest].map(([name, { value }]) => `${name} ${(value ?? Buffer.alloc(0)).toString('base64')}`).sort();
}
