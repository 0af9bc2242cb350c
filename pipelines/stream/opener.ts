/** Takes partitions over: fences the earlier owner, restores the state, and writes for the lane from then on. */
import { randomUUID } from 'node:crypto';
import type { Kafka } from 'kafkajs';
import { openIndex } from '../../infra/faiss/index.ts';
import { PartitionLog, type Delivery, type Outgoing, type Position } from '../../infra/kafka/partition-log.ts';
import type { StateReader } from '../../infra/kafka/state-reader.ts';
import type { Topics } from '../../infra/kafka/topics.ts';
import type { Codec } from '../../infra/registry/codec.ts';
import { Engine, type EngineSettings } from '../../operators/state/engine.ts';
import type { Change } from '../../schemas/decision.ts';
import type { ChangelogRecord } from '../../schemas/records.ts';
import type { Settings } from '../run-config.ts';
import { Journal } from './journal.ts';
import { Lane, type LaneParts } from './lane.ts';
import type { News } from './news.ts';
import { outgoing, type Encoders } from './outputs.ts';
import { checkTerms, newTerms, termsIn } from './terms.ts';

const BARRIER = 'barrier';

export interface OpenerSettings {
  readonly name: string;
  readonly topics: Topics;
  readonly delivery: Delivery;
  /** But for its place in the fleet. */
  readonly engine: EngineSettings;
  /** Ids that a repeat is known by, at least, beside those of the last items and of the memory. */
  readonly knownIds: number;
  /** Those that decide, for the record. */
  readonly deciding: Settings;
  /** Whether to go on where a partition was worked on with others. */
  readonly change: boolean;
  /** Partitions in all. */
  readonly partitions: number;
}

export interface OpenerParts extends Pick<LaneParts, 'thumbnails' | 'campaigns'> {
  readonly kafka: Kafka;
}

export interface Opened {
  readonly lane: Lane;
  readonly positions: readonly Position[];
  /** Items decided so far. */
  readonly decided: number;
}

/** Opens lanes and writes for them. */
export class Opener {
  readonly #settings: OpenerSettings;
  readonly #parts: OpenerParts;
  readonly #states: StateReader;
  readonly #encode: Encoders;
  readonly #news: News;
  readonly #readChange: (message: Buffer) => ChangelogRecord | Promise<ChangelogRecord>;

  constructor(settings: OpenerSettings, parts: OpenerParts, states: StateReader, encode: Encoders, codec: Codec, news: News) {
    this.#settings = settings;
    this.#parts = parts;
    this.#states = states;
    this.#encode = encode;
    this.#news = news;
    this.#readChange = codec.reader('changelog');
  }

  /** @param committed where the inputs of a partition stand, asked when nobody else can move it any more */
  async open(partition: number, committed: (partition: number) => Promise<readonly Position[]>): Promise<Opened> {
    const { name, topics, delivery, partitions, knownIds, deciding, change } = this.#settings;
    const engineSettings = { ...this.#settings.engine, ...(topics.clusters === undefined ? {} : { fleet: { partition, partitions } }) };
    const { kafka, thumbnails, campaigns } = this.#parts;
    const nonce = randomUUID();
    const barrier: Outgoing = { topic: topics.changelog, key: BARRIER, value: Buffer.from(nonce) };
    const { log, offset } = await PartitionLog.own(kafka, { transactionalId: `${name}-${topics.samples}-${partition}`, partition, groupId: name, delivery, together: [topics.changelog, ...(topics.clusters === undefined ? [] : [topics.clusters])] }, barrier);
    try {
      const now = { partitions, settings: deciding };
      const { was, state } = termsIn(await this.#changes(partition, nonce, offset));
      checkTerms(was, now, partition, change);
      const engine = new Engine(engineSettings);
      const journal = new Journal(engine, engineSettings.lateLabels, knownIds);
      journal.restore(state);
      const positions = await committed(partition);
      const index = await openIndex(engineSettings.dimension);
      const outlet = this.#outlet(partition, journal, log, newTerms(was, now, journal.nextSeq));
      const lane = new Lane({ partition, engine, journal, index, thumbnails, campaigns, news: () => journal.news(this.#news, partition), outlet, close: () => log.close() }, positions);
      return { lane, positions, decided: journal.totals.decided };
    } catch (thrown) {
      await log.close();
      throw thrown;
    }
  }

  /** The changelog up to the barrier, the last value of each key. */
  async #changes(partition: number, nonce: string, offset: bigint | null): Promise<Iterable<Change>> {
    const records = new Map<string, Uint8Array>();
    await this.#states.read(
      partition,
      { is: ({ key, value }) => key === BARRIER && value !== null && Buffer.from(value).toString() === nonce, offset },
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

  /** @param terms under which all is decided from here on: they are written with the first of it */
  #outlet(partition: number, journal: Journal, log: PartitionLog, terms: readonly Change[]): LaneParts['outlet'] {
    const { topics, name } = this.#settings;
    let unwritten = terms;
    const from = { topic: topics.samples, partition };
    return (placed, positions) => {
      let written: Promise<void> = Promise.resolve();
      return {
        commit: async (batch) => {
          const changes = [...unwritten, ...journal.records(batch)];
          unwritten = [];
          ({ written } = await log.write([...outgoing({ batch, changes, last: journal.nextSeq - 1, placed, from, pipeline: name, who: (seq) => journal.who(seq) }, topics, this.#encode)], positions));
        },
        written: () => written,
      };
    };
  }
}
