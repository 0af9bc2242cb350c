/** `sluice run PIPELINE.yaml`: one worker of a pipeline over Kafka, until it is asked to stop. */
import { readFileSync } from 'node:fs';
import type { KafkaConfig } from 'kafkajs';
import { openHttp } from '../../infra/http/server.ts';
import { kafkaClient } from '../../infra/kafka/client.ts';
import { SharpDecoder } from '../../infra/media/sharp-decoder.ts';
import { SharpThumbnails } from '../../infra/media/thumbnail.ts';
import { openMetrics, type Metrics } from '../../infra/metrics/metrics.ts';
import { ReferenceDecoder } from '../../infra/objects/decoder.ts';
import { openObjects } from '../../infra/objects/open.ts';
import { openEmbedder } from '../../infra/onnx/pool.ts';
import { openCodec, type Codec } from '../../infra/registry/codec.ts';
import { closing } from '../closing.ts';
import { engineSettings } from '../config/engine-settings.ts';
import { objectRules } from '../config/object-rules.ts';
import { readPipeline, type PipelineConfig } from '../config/pipeline.ts';
import { loadSecrets, type Secrets } from '../config/secrets.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { runWorker } from '../stream/run.ts';
import type { WorkerEvents } from '../stream/session.ts';
import { interruption } from './interruption.ts';
import { printable } from './printable.ts';

export async function runCommand(file: string): Promise<void> {
  const config = readPipeline(file, process.env);
  // Each partition would take all of it: they do not hear of each other yet.
  if ('rate' in config.budget && config.budget.per === 'fleet') {
    throw new SluiceError('SLUICE_E_UNSUPPORTED', 'a budget per time for the whole fleet (budget.rate) comes with a later version; give budget.share, or per: stream');
  }
  await runPipeline(config, loadSecrets(config, process.env), interruption(), (line) => process.stderr.write(`${printable(line)}\n`));
}

/** @param say is told what an operator wants to know, a line each */
function runPipeline(config: PipelineConfig, secrets: Secrets, signal: AbortSignal, say: (line: string) => void): Promise<void> {
  return closing(async (later) => {
    const { name, source, sinks, workers, images } = config;
    const version = versionOf();
    const objects = openObjects(objectRules(config));
    later(() => objects.close());
    const codec = await codecOf(config, secrets);
    const embedder = await openEmbedder(workers, config.model);
    later(() => embedder.close());
    const metrics = openMetrics(name, version);
    later(() => metrics.close());
    const state: State = { assigned: null, restoring: new Set(), owned: new Set() };
    const waitingFor = (): readonly string[] => {
      if (state.assigned === null) return ['not a member of the consumer group yet'];
      return [...state.restoring].map((partition) => `partition ${partition} is being restored`);
    };
    const http = await openHttp({ ...config.http, version, waitingFor, metrics });
    later(() => http.close());
    say(`${name}: health and metrics at ${http.url}`);
    const kafka = kafkaClient({ brokers: source.kafka.brokers, clientId: name, ...securityOf(secrets) }, say);
    const { decisions, alerts, changelog, dead, replicas } = sinks.kafka;
    const settings = {
      name,
      topics: { samples: source.kafka.topic, decisions, alerts, changelog, dead },
      replicas: replicas ?? -1,
      sessionTimeoutMs: source.kafka.session_timeout,
      maxBytes: source.kafka.max_bytes,
      batch: source.kafka.batch,
      engine: engineSettings(config, embedder.dimension),
    };
    const thumbnails = new SharpThumbnails(embedder.size);
    // Pictures are measured at half their side as everywhere; what it was measured on is given back, not encoded.
    const measured = { halve: (rgb: Uint8Array) => thumbnails.halve(rgb), encode: async (pictures: readonly Uint8Array<ArrayBuffer>[]) => thumbnails.drop(pictures) };
    const decoder = new ReferenceDecoder(new SharpDecoder(embedder.size, images.fit), objects, signal);
    const events = workerEvents(metrics, say, state);
    await runWorker(settings, { kafka, codec, decoder, thumbnails: measured, embedder, workers }, events, signal);
    say(`${name}: stopped; all that was taken is written`);
  });
}

/** What /ready tells. */
interface State {
  /** Null: not in the group. */
  assigned: readonly number[] | null;
  readonly restoring: Set<number>;
  readonly owned: Set<number>;
}

function workerEvents(metrics: Metrics, say: (line: string) => void, state: State): WorkerEvents {
  const letGo = (partition: number): void => {
    state.restoring.delete(partition);
    if (state.owned.delete(partition)) metrics.lost(partition);
  };
  return {
    assigned(partitions) {
      state.assigned = partitions;
      metrics.rebalance();
      for (const partition of [...state.owned, ...state.restoring]) if (!partitions.includes(partition)) letGo(partition);
      say(partitions.length === 0 ? 'no partition is assigned to this worker' : `partitions ${partitions.join(', ')}`);
    },
    takingOver: (partition) => state.restoring.add(partition),
    takenOver(partition, decided, seconds) {
      state.restoring.delete(partition);
      state.owned.add(partition);
      metrics.restored(seconds);
      say(`partition ${partition}: taken over with ${decided} decisions, in ${seconds.toFixed(1)} s`);
    },
    settled(_, { decisions, dead, alerts }) {
      metrics.transaction('committed');
      for (const { verdict, reasons } of decisions) metrics.decided(verdict, reasons[0]?.code ?? 'none');
      for (const { code } of dead) metrics.dead(code);
      for (const { kind } of alerts) metrics.alert(kind);
    },
    repeated: (_, count) => metrics.duplicates(count),
    lost(partition, error) {
      letGo(partition);
      metrics.transaction(/fenced|epoch/i.test(String(error)) ? 'fenced' : 'unknown');
      say(`partition ${partition}: given up, to be taken over again (${messageOf(error)})`);
    },
    failed(error, waitMs) {
      state.assigned = null;
      for (const partition of [...state.owned, ...state.restoring]) letGo(partition);
      say(`left the group, trying again in ${(waitMs / 1000).toFixed(1)} s (${messageOf(error)})`);
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codecOf({ registry }: PipelineConfig, secrets: Secrets): Promise<Codec> {
  if (registry === undefined) return openCodec({ registry: null });
  const credentials = secrets.registry === null ? null : { user: secrets.registry.username.reveal(), password: secrets.registry.password.reveal() };
  return openCodec({ registry: registry.url, credentials });
}

function securityOf({ tls, sasl }: Secrets): { ssl?: KafkaConfig['ssl']; sasl?: KafkaConfig['sasl'] } {
  const ssl = tls === null ? undefined : Object.fromEntries(Object.entries(tls).map(([name, secret]) => [name, secret.reveal()]));
  return {
    ...(ssl === undefined ? {} : { ssl }),
    // Its type wants to know which of the three it is; they take the same.
    ...(sasl === null ? {} : { sasl: { mechanism: sasl.mechanism as 'plain', username: sasl.username.reveal(), password: sasl.password.reveal() } }),
  };
}

function versionOf(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}
