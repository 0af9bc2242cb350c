/** A worker of the pipeline over Kafka: opens the parts, works until it is asked to stop, closes everything. */
import { randomUUID } from 'node:crypto';
import type { Kafka } from 'kafkajs';
import { openIndex } from '../../infra/faiss/index.ts';
import { Inputs } from '../../infra/kafka/inputs.ts';
import { PartitionLog, type Outgoing } from '../../infra/kafka/partition-log.ts';
import { StateReader } from '../../infra/kafka/state-reader.ts';
import { prepareTopics, type Topics } from '../../infra/kafka/topics.ts';
import type { Codec } from '../../infra/registry/codec.ts';
import type { Batch, Embedder, ImageDecoder, Thumbnails } from '../../operators/ports.ts';
import { Engine, type EngineSettings } from '../../operators/state/engine.ts';
import type { Change } from '../../schemas/decision.ts';
import type { ChangelogRecord, SampleRecord } from '../../schemas/records.ts';
import { closing } from '../closing.ts';
import { prepareBatch } from '../prepare.ts';
import { StreamHost } from './host.ts';
import { Journal } from './journal.ts';
import { Lane, type LaneParts } from './lane.ts';
import { outgoing, type Encoders } from './outputs.ts';
import { arrivalOf, embedded, numbered, type Placed } from './samples.ts';

export interface WorkerSettings {
  /** Consumer group, and the start of the transactional ids. */
  readonly name: string;
  readonly topics: Topics;
  /** Replicas of topics that are made. */
  readonly replicas: number;
  readonly sessionTimeoutMs: number;
  readonly maxBytes: number;
  readonly batch: number;
  readonly engine: EngineSettings;
}

export interface WorkerParts {
  readonly kafka: Kafka;
  readonly codec: Codec;
  readonly decoder: ImageDecoder;
  readonly thumbnails: Thumbnails;
  readonly embedder: Embedder;
  /** Threads of the embedder. */
  readonly workers: number;
}

export interface WorkerEvents {
  assigned(partitions: readonly number[]): void;
  takenOver(partition: number, decided: number, seconds: number): void;
  settled(partition: number, batch: Batch): void;
  repeated(partition: number, count: number): void;
  lost(partition: number, error: unknown): void;
}

const BARRIER = 'barrier';

/** Works until the signal. @throws where the consumer gives up */
export function runWorker(settings: WorkerSettings, parts: WorkerParts, events: WorkerEvents, signal: AbortSignal): Promise<void> {
  return closing(async (later) => {
    const { kafka, codec } = parts;
    const { topics, name } = settings;
    const partitions = await partitionsOf(kafka, settings);
    const encode: Encoders = {
      decision: await codec.writer('decision', topics.decisions),
      alert: await codec.writer('alert', topics.alerts),
      changelog: await codec.writer('changelog', topics.changelog),
    };
    const states = await StateReader.open(kafka, topics.changelog, partitions);
    later(() => states.close());
    const opener = new Opener(settings, parts, states, encode, codec);
    let fail: (error: Error) => void = () => {};
    const over = new Promise<void>((resolve, reject) => {
      fail = reject;
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted) resolve();
    });
    const host = new StreamHost({
      batch: settings.batch,
      heartbeatMs: settings.sessionTimeoutMs / 10,
      takeOver: async (partition) => {
        const start = performance.now();
        const { lane, journal } = await opener.open(partition);
        const positions = await inputs.committed(partition);
        events.takenOver(partition, journal.totals.decided, (performance.now() - start) / 1000);
        return { lane: lane(positions), positions };
      },
      seek: (partition, positions) => inputs.seek(partition, positions),
      read: (place, messages) => Promise.all(messages.map((message) => arrivalOf(place, message, opener.read, parts.embedder.dimension))),
      prepare: (placed) => prepare(parts, placed),
      settled: (lane, batch) => events.settled(lane.partition, batch),
      repeated: events.repeated,
      lost: events.lost,
    });
    later(() => host.close());
    const inputs = await Inputs.open(
      kafka,
      { groupId: name, topics: [topics.samples], sessionTimeoutMs: settings.sessionTimeoutMs, maxBytes: settings.maxBytes, concurrency: partitions, owned: () => host.owned },
      {
        batch: (batch) => host.take(batch),
        assigned: (mine) => {
          host.assigned(mine);
          events.assigned(mine);
        },
        crashed: fail,
      },
    );
    later(() => inputs.close());
    try {
      await over;
    } finally {
      host.halt();
      await inputs.stop();
      await host.close();
    }
  });
}

async function partitionsOf(kafka: Kafka, { topics, replicas }: WorkerSettings): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await prepareTopics(admin, topics, replicas);
  } finally {
    await admin.disconnect();
  }
}

async function prepare(parts: WorkerParts, placed: readonly Placed[]): ReturnType<typeof prepareBatch> {
  const entries = placed.flatMap(({ seq, arrival }) => numbered(arrival, seq) ?? []);
  const images = new Map(placed.map(({ arrival }) => ['sample' in arrival.entry ? arrival.entry.sample.id : '', arrival.image]));
  const items = await prepareBatch(parts, entries, (sample) => images.get(sample.id) ?? { bytes: new Uint8Array() });
  const ready = placed.flatMap(({ seq, arrival }) => embedded(arrival, seq) ?? []);
  return [...items, ...ready].sort((a, b) => a.seq - b.seq);
}

/** Opens lanes and writes for them. */
class Opener {
  readonly #settings: WorkerSettings;
  readonly #parts: WorkerParts;
  readonly #states: StateReader;
  readonly #encode: Encoders;
  readonly read: (value: Buffer) => Promise<SampleRecord> | SampleRecord;
  readonly #readChange: (message: Buffer) => ChangelogRecord | Promise<ChangelogRecord>;

  constructor(settings: WorkerSettings, parts: WorkerParts, states: StateReader, encode: Encoders, codec: Codec) {
    this.#settings = settings;
    this.#parts = parts;
    this.#states = states;
    this.#encode = encode;
    this.read = codec.reader('sample');
    this.#readChange = codec.reader('changelog');
  }

  async open(partition: number): Promise<{ readonly journal: Journal; readonly lane: (positions: ConstructorParameters<typeof Lane>[1]) => Lane }> {
    const { name, topics, engine: engineSettings } = this.#settings;
    const { kafka, thumbnails } = this.#parts;
    const nonce = randomUUID();
    const barrier: Outgoing = { topic: topics.changelog, key: BARRIER, value: Buffer.from(nonce) };
    const log = await PartitionLog.own(kafka, { transactionalId: `${name}-${topics.samples}-${partition}`, partition, groupId: name }, barrier);
    try {
      const engine = new Engine(engineSettings);
      const journal = new Journal(engine);
      journal.restore(await this.#changes(partition, nonce));
      const index = await openIndex(engineSettings.dimension);
      const outlet = this.#outlet(partition, journal, log);
      return { journal, lane: (positions) => new Lane({ partition, engine, journal, index, thumbnails, outlet, close: () => log.close() }, positions) };
    } catch (thrown) {
      await log.close();
      throw thrown;
    }
  }

  /** The changelog up to the barrier, the last value of each key. */
  async #changes(partition: number, nonce: string): Promise<Iterable<Change>> {
    const records = new Map<string, Uint8Array>();
    await this.#states.read(
      partition,
      ({ key, value }) => key === BARRIER && value !== null && Buffer.from(value).toString() === nonce,
      ({ key, value }) => {
        if (key === BARRIER) return;
        if (value === null) records.delete(key);
        else records.set(key, value);
      },
    );
    const changes: Change[] = [];
    for (const value of records.values()) {
      const { kind, key, value: state } = await this.#readChange(Buffer.from(value.buffer, value.byteOffset, value.length));
      changes.push({ kind, key: Number(key), value: state === null ? null : new Uint8Array(state) });
    }
    return changes;
  }

  #outlet(partition: number, journal: Journal, log: PartitionLog): LaneParts['outlet'] {
    const { topics, name } = this.#settings;
    const from = { topic: topics.samples, partition };
    return (placed, positions) => ({
      commit: async (batch) => {
        const changes = [...journal.records(batch)];
        await log.write([...outgoing({ batch, changes, placed, from, pipeline: name, who: (seq) => journal.who(seq) }, topics, this.#encode)], positions);
      },
    });
  }
}
