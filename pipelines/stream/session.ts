/** One time in the consumer group, from joining to leaving it. */
import type { Kafka } from 'kafkajs';
import { kafkaError } from '../../infra/kafka/failure.ts';
import { Inputs } from '../../infra/kafka/inputs.ts';
import type { Delivery } from '../../infra/kafka/partition-log.ts';
import { readTopic } from '../../infra/kafka/read-topic.ts';
import { StateReader } from '../../infra/kafka/state-reader.ts';
import { inputsOf, prepareTopics, withAdmin, type Topics } from '../../infra/kafka/topics.ts';
import { within } from '../../infra/kafka/within.ts';
import type { Codec } from '../../infra/registry/codec.ts';
import type { Embedded, Failed } from '../../operators/items.ts';
import type { Batch, Embedder, Fit, ImageDecoder, Thumbnails } from '../../operators/ports.ts';
import type { Campaign } from '../../operators/state/campaigns.ts';
import type { EngineSettings } from '../../operators/state/engine.ts';
import { isRetriable, type SluiceError } from '../../schemas/errors.ts';
import { closing } from '../closing.ts';
import { prepareBatch } from '../prepare.ts';
import { settingsOf } from '../run-config.ts';
import { StreamHost } from './host.ts';
import type { Flow } from './lane.ts';
import { News } from './news.ts';
import { Opener } from './opener.ts';
import type { Encoders } from './outputs.ts';
import { labelEventOf } from './label-events.ts';
import { arrivalOf, embedded, numbered, type Placed } from './samples.ts';

/** For what is on its way once no further batch comes: a broker that does not answer is not waited for, and the next owner decides it again. */
const LET_GO_MS = 10_000;

export interface WorkerSettings {
  /** Consumer group, and the start of the transactional ids. */
  readonly name: string;
  readonly topics: Topics;
  /** Replicas of topics that are made. */
  readonly replicas: number;
  readonly sessionTimeoutMs: number;
  readonly maxBytes: number;
  readonly batch: number;
  readonly delivery: Delivery;
  /** See OpenerSettings. */
  readonly knownIds: number;
  readonly engine: EngineSettings;
  /** How a picture meets the model's square. */
  readonly fit: Fit;
  /** See OpenerSettings. */
  readonly change: boolean;
}

export interface WorkerParts {
  readonly kafka: Kafka;
  readonly codec: Codec;
  readonly decoder: ImageDecoder;
  readonly thumbnails: Thumbnails;
  /** What people ask for by now; the same list until it changes. */
  readonly campaigns: () => readonly Campaign[];
  readonly embedder: Embedder;
  /** Threads of the embedder. */
  readonly workers: number;
  /** Objects of a picture that are embedded as crops, at most; 0: labels are not looked at. */
  readonly objects: number;
}

export interface WorkerEvents {
  assigned(partitions: readonly number[]): void;
  takingOver(partition: number): void;
  takenOver(partition: number, decided: number, seconds: number): void;
  settled(partition: number, batch: Batch): void;
  repeated(partition: number, count: number): void;
  /** A record of the clusters topic that nobody can understand; it is left out. */
  unread(topic: string, partition: number, offset: string, error: SluiceError): void;
  /** How much there is to do of a partition that this worker has. */
  flow(partition: number, flow: Flow): void;
  lost(partition: number, error: unknown): void;
  /** The worker left the group and tries again after so many milliseconds. */
  failed(error: unknown, waitMs: number): void;
}

/** Works until the signal. @throws where the inputs give up, or a partition cannot be taken over by anybody */
export function workOnce(settings: WorkerSettings, parts: WorkerParts, events: WorkerEvents, signal: AbortSignal): Promise<void> {
  return closing(async (later) => {
    const { kafka, codec } = parts;
    const { topics, name } = settings;
    const partitions = await withAdmin(kafka, (admin) => prepareTopics(admin, topics, settings.replicas));
    const inputTopics = inputsOf(topics);
    const encode: Encoders = {
      decision: await codec.writer('decision', topics.decisions),
      alert: await codec.writer('alert', topics.alerts),
      cluster: topics.clusters === undefined ? null : await codec.writer('cluster', topics.clusters),
      changelog: await codec.writer('changelog', topics.changelog),
    };
    const read = codec.reader('sample');
    const readLabel = codec.reader('label');
    const states = await StateReader.open(kafka, topics.changelog, partitions);
    later(() => states.close());
    const news = new News();
    const deciding = settingsOf(settings.engine, { model: parts.embedder.identity, fit: settings.fit, objects: parts.objects });
    const opener = new Opener({ ...settings, deciding, partitions }, parts, states, encode, codec, news);
    const over = Promise.withResolvers<void>();
    // It may be over before anybody waits for it.
    over.promise.catch(() => {});
    if (topics.clusters !== undefined) later(listen(settings, parts, topics.clusters, news, events, (error) => over.reject(error)));
    const stop = (): void => over.resolve();
    signal.addEventListener('abort', stop, { once: true });
    later(() => signal.removeEventListener('abort', stop));
    if (signal.aborted) stop();
    const host = new StreamHost({
      batch: settings.batch,
      heartbeatMs: settings.sessionTimeoutMs / 10,
      takeOver: async (partition) => {
        events.takingOver(partition);
        const start = performance.now();
        const { lane, positions, decided } = await opener.open(partition, (one) => inputs.committed(one));
        events.takenOver(partition, decided, (performance.now() - start) / 1000);
        return { lane, positions };
      },
      seek: (partition, positions) => inputs.seek(partition, positions),
      read: (place, messages) => Promise.all(messages.map((message) => arrivalOf(place, message, read, settings.engine.dimension))),
      labels: topics.labels ?? null,
      readLabels: (place, messages) => Promise.all(messages.map((message) => labelEventOf(place, message, readLabel))),
      prepare: (placed) => prepare(parts, placed),
      settled: (lane, batch) => events.settled(lane.partition, batch),
      repeated: (partition, count) => events.repeated(partition, count),
      moved: ({ partition, flow }) => events.flow(partition, flow),
      lost: (partition, thrown) => {
        const error = kafkaError(thrown);
        events.lost(partition, error);
        if (!isRetriable(error)) over.reject(error);
      },
    });
    const letGo = (): Promise<void> => within(LET_GO_MS, host.close());
    later(letGo);
    const inputs = await Inputs.open(
      kafka,
      { groupId: name, topics: inputTopics, sessionTimeoutMs: settings.sessionTimeoutMs, maxBytes: settings.maxBytes, concurrency: partitions * inputTopics.length, owned: () => host.owned },
      {
        batch: (batch) => host.take(batch),
        assigned: (mine) => {
          host.assigned(mine);
          events.assigned(mine);
        },
        crashed: (error) => over.reject(error),
      },
    );
    later(() => inputs.close());
    try {
      await over.promise;
    } finally {
      host.halt();
      await inputs.stop();
      await letGo();
    }
  });
}

/** Reads what all partitions tell, from the beginning. @returns what ends it */
function listen({ sessionTimeoutMs }: WorkerSettings, { kafka, codec }: WorkerParts, topic: string, news: News, events: WorkerEvents, failed: (error: unknown) => void): () => Promise<void> {
  const stop = new AbortController();
  const read = codec.reader('cluster');
  const reading = readTopic(
    kafka,
    { topic, follow: true, sessionTimeoutMs },
    (partition, messages) => news.take(partition, messages, read, (offset, error) => events.unread(topic, partition, offset, error)),
    stop.signal,
  ).catch(failed);
  return async () => {
    stop.abort();
    await within(LET_GO_MS, reading);
  };
}

async function prepare(parts: WorkerParts, placed: readonly Placed[]): Promise<readonly (Embedded | Failed)[]> {
  const entries = placed.flatMap(({ seq, arrival }) => numbered(arrival, seq) ?? []);
  const images = new Map(placed.map(({ arrival }) => ['sample' in arrival.entry ? arrival.entry.sample.id : '', arrival.image]));
  const items = await prepareBatch(parts, entries, (sample) => images.get(sample.id) ?? { bytes: new Uint8Array() });
  const ready = placed.flatMap(({ seq, arrival }) => embedded(arrival, seq) ?? []);
  return [...items, ...ready].sort((a, b) => a.seq - b.seq);
}
