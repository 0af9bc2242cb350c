/** `sluice run PIPELINE.yaml`: a pipeline over cameras, or one worker of a pipeline over Kafka, until it is asked to stop. */
import { readFileSync } from 'node:fs';
import { openHttp } from '../../infra/http/server.ts';
import { SharpDecoder } from '../../infra/media/sharp-decoder.ts';
import { SharpThumbnails } from '../../infra/media/thumbnail.ts';
import { timedEmbedder } from '../../infra/metrics/timed-embedder.ts';
import { openMetrics, type Metrics } from '../../infra/metrics/metrics.ts';
import { ReferenceDecoder } from '../../infra/objects/decoder.ts';
import { openObjects } from '../../infra/objects/open.ts';
import { openEmbedder } from '../../infra/onnx/pool.ts';
import { NO_CAMPAIGNS } from '../../operators/state/campaigns.ts';
import { CampaignFile } from '../campaigns.ts';
import { closing } from '../closing.ts';
import { engineSettings } from '../config/engine-settings.ts';
import { objectRules } from '../config/object-rules.ts';
import { readAnyPipeline } from '../config/kinds.ts';
import type { PipelineConfig } from '../config/pipeline.ts';
import { loadSecrets, type Secrets } from '../config/secrets.ts';
import { codecOf, kafkaOf, replicasOf, topicsOf } from '../connect.ts';
import { shownObjects } from '../prepare.ts';
import { runWorker } from '../stream/run.ts';
import type { WorkerEvents } from '../stream/session.ts';
import { interruption } from './interruption.ts';
import { printable } from './printable.ts';
import { readModel } from '../config/model.ts';

const LEAVE_MS = 3000;

export interface RunFlags {
  readonly change: boolean;
}

export async function runCommand(file: string, { change }: RunFlags): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${printable(line)}\n`);
  const { cameras, kafka: config } = readAnyPipeline(file, process.env);
  if (cameras !== undefined) return (await import('../live/run.ts')).runCameras(cameras, change, process.env, versionOf(), interruption(), say);
  const secrets = loadSecrets(config, process.env);
  try {
    await runPipeline(config, change, secrets, interruption(), say);
  } finally {
    // All is closed but for connections on which a broker that does not answer is still asked again.
    setTimeout(() => process.exit(), LEAVE_MS).unref();
  }
}

/**
 * @param change whether to go on where partitions were worked on with other settings
 * @param say is told what an operator wants to know, a line each
 */
function runPipeline(config: PipelineConfig, change: boolean, secrets: Secrets, signal: AbortSignal, say: (line: string) => void): Promise<void> {
  return closing(async (later) => {
    const { name, source, workers, images } = config;
    const version = versionOf();
    const objects = openObjects(objectRules(config));
    later(() => objects.close());
    const codec = await codecOf(config, secrets);
    const embedder = await openEmbedder(workers, config.model === undefined ? undefined : readModel(config.model));
    later(() => embedder.close());
    const metrics = openMetrics(name, version);
    later(() => metrics.close());
    const state = newState();
    const waitingFor = (): readonly string[] => {
      if (state.assigned === null) return ['not a member of the consumer group yet'];
      return [...state.restoring].map((partition) => `partition ${partition} is being restored`);
    };
    const http = await openHttp({ ...config.http, version, waitingFor, metrics });
    later(() => http.close());
    say(`${name}: health and metrics at ${http.url}`);
    const kafka = kafkaOf(config, secrets, say);
    const settings = {
      name,
      topics: topicsOf(config),
      replicas: replicasOf(config),
      sessionTimeoutMs: source.kafka.session_timeout,
      maxBytes: source.kafka.max_bytes,
      batch: source.kafka.batch,
      delivery: config.delivery,
      knownIds: source.kafka.known_ids,
      engine: engineSettings(config, embedder.dimension),
      fit: images.fit,
      change,
    };
    const thumbnails = new SharpThumbnails(embedder.size);
    // Pictures are measured at half their side as everywhere; what it was measured on is given back, not encoded.
    const measured = { halve: (rgb: Uint8Array) => thumbnails.halve(rgb), encode: async (pictures: readonly Uint8Array<ArrayBuffer>[]) => thumbnails.drop(pictures) };
    const decoder = new ReferenceDecoder(new SharpDecoder(embedder.size, images.fit), objects, signal);
    const campaigns = config.campaigns === undefined ? null : await CampaignFile.open(config.campaigns, { decoder: new SharpDecoder(embedder.size, images.fit), embedder }, say);
    later(async () => campaigns?.close());
    const events = workerEvents(metrics, say, state);
    const timed = timedEmbedder(embedder, (pictures, seconds) => metrics.embedded(pictures, seconds));
    await runWorker(settings, { kafka, codec, decoder, thumbnails: measured, campaigns: () => campaigns?.current() ?? NO_CAMPAIGNS, embedder: timed, workers, objects: shownObjects(config.objects, config.labels.reveal) }, events, signal);
    const unwritten = state.givenUp || [...state.inFlight.values()].some((items) => items > 0);
    say(`${name}: stopped; ${unwritten ? 'what could not be written is taken up again by the next worker' : 'all that was taken is written'}`);
  });
}

/** What /ready tells. */
interface State {
  /** Null: not in the group. */
  assigned: readonly number[] | null;
  readonly restoring: Set<number>;
  readonly owned: Set<number>;
  /** Items on their way, by partition. */
  readonly inFlight: Map<number, number>;
  /** Whether the last thing that happened to a batch is that it could not be written. */
  givenUp: boolean;
}

export function newState(): State {
  return { assigned: null, restoring: new Set(), owned: new Set(), inFlight: new Map(), givenUp: false };
}

/** Metrics, words and readiness from what happens to a worker. */
export function workerEvents(metrics: Metrics, say: (line: string) => void, state: State): WorkerEvents {
  const inFlight = (): void => metrics.inFlight([...state.inFlight.values()].reduce((sum, items) => sum + items, 0));
  const letGo = (partition: number): void => {
    state.restoring.delete(partition);
    state.inFlight.delete(partition);
    inFlight();
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
    settled(partition, { decisions, dead, faults, alerts, labels, forgotten, unused, clusters }) {
      state.givenUp = false;
      metrics.transaction('committed');
      for (const { verdict, reasons } of decisions) metrics.decided(verdict, reasons[0]?.code ?? 'none');
      metrics.labels({ ...labels, forgotten: forgotten?.length ?? 0, unused: unused.length });
      for (const { code } of [...dead, ...unused]) metrics.dead(code);
      for (const { code, count } of faults) metrics.faults(code, count);
      for (const { kind } of alerts) metrics.alert(kind);
      metrics.clusters(partition, clusters);
    },
    repeated: (_, count) => metrics.duplicates(count),
    unread: (topic, partition, offset, error) => say(`${topic}/${partition}/${offset} is left out (${error.message})`),
    flow(partition, flow) {
      state.inFlight.set(partition, flow.inFlight);
      inFlight();
      for (const { topic, messages } of flow.lag) metrics.lag(topic, partition, messages);
    },
    lost(partition, error) {
      state.givenUp = true;
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

function versionOf(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}
