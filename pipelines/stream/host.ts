/**
 * The pipeline over Kafka: as many lanes as this worker has input partitions. A lane is taken over at the first batch after it was assigned: fence the
 * earlier owner, read the state up to the fence, read the committed positions, seek there, drop what is in hand.
 */
import type { KafkaMessage } from 'kafkajs';
import { Heart } from '../../infra/kafka/heart.ts';
import type { InputBatch } from '../../infra/kafka/inputs.ts';
import type { Position } from '../../infra/kafka/partition-log.ts';
import type { Embedded, Failed, LabelEvent, ForgetEvent } from '../../operators/items.ts';
import type { Batch } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import type { Lane } from './lane.ts';
import { idOf, type Arrival, type Place, type Placed } from './samples.ts';

export interface StreamParts {
  /** Messages settled in one transaction at most. */
  readonly batch: number;
  readonly heartbeatMs: number;
  /** Fences the earlier owner and restores the state. */
  takeOver(partition: number): Promise<{ readonly lane: Lane; readonly positions: readonly Position[] }>;
  /** Does nothing where the group has been left: whoever joins it begins at what is committed. */
  seek(partition: number, positions: readonly Position[]): void;
  /** The topic of label events; null where there is none. */
  readonly labels: string | null;
  read(place: Place, messages: readonly KafkaMessage[]): Promise<readonly Arrival[]>;
  readLabels(place: Place, messages: readonly KafkaMessage[]): Promise<readonly (LabelEvent | ForgetEvent)[]>;
  prepare(placed: readonly Placed[]): Promise<readonly (Embedded | Failed)[]>;
  settled(lane: Lane, batch: Batch): void;
  repeated(partition: number, count: number): void;
  /** Something was taken up or settled. */
  moved(lane: Lane): void;
  /** A lane could not be taken over or go on; that is tried again when its next batch comes. */
  lost(partition: number, error: unknown): void;
}

export class StreamHost {
  readonly #parts: StreamParts;
  readonly #lanes = new Map<number, Lane>();
  readonly #takingOver = new Map<number, Promise<void>>();
  readonly #closing = new Set<Promise<void>>();
  #assigned: readonly number[] = [];
  #stopping = false;

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  /** Partitions whose state is held. */
  get owned(): readonly number[] {
    return [...this.#lanes.keys()];
  }

  /** What is no longer ours is let go of; its next owner will fence us. */
  assigned(partitions: readonly number[]): void {
    this.#assigned = partitions;
    for (const partition of this.owned) if (!partitions.includes(partition)) this.#drop(partition);
  }

  async take(batch: InputBatch): Promise<void> {
    if (this.#stopping || batch.isStale()) return;
    const { partition } = batch;
    const heartbeat = (): Promise<void> => batch.heartbeat();
    const heart = new Heart(heartbeat, this.#parts.heartbeatMs);
    const lane = this.#lanes.get(partition);
    if (lane === undefined || lane.broken) {
      // A frozen process may find itself here long after it has lost its place: only a member may fence.
      await heartbeat();
      // The handler of the other input may have been first, or the partition may be another's by now.
      if (this.#lanes.get(partition) === lane && this.#assigned.includes(partition)) await heart.during(this.#takeOver(partition));
    } else {
      try {
        await this.#takeInto(lane, batch, heart);
      } catch (thrown) {
        this.#lose(lane, thrown);
      }
    }
    heart.check();
  }

  async #takeInto(lane: Lane, batch: InputBatch, heart: Heart): Promise<void> {
    const { topic } = batch;
    const isLabels = topic === this.#parts.labels;
    lane.sees(topic, batch.end);
    const fresh = batch.messages.filter(({ offset }) => BigInt(offset) >= lane.next(topic));
    for (let at = 0, count = 0; at < fresh.length; at += count) {
      const messages = fresh.slice(at, at + this.#parts.batch);
      if (this.#stopping || !this.#holds(lane) || heart.lost || batch.isStale()) break;
      const arrivals = isLabels ? [] : await heart.during(this.#parts.read(batch, messages));
      count = isLabels ? messages.length : lane.free(arrivals.map(idOf));
      const last = messages[count - 1];
      if (last === undefined) {
        await heart.during(lane.idle());
        continue;
      }
      const positions = [{ topic, offset: last === batch.messages.at(-1) ? batch.next : BigInt(last.offset) + 1n }];
      lane.take(positions);
      const { settled } = await heart.during(isLabels ? this.#label(lane, batch, messages, positions) : this.#decide(lane, arrivals.slice(0, count), positions));
      settled.then((done) => this.#settled(lane, done, positions), (error: unknown) => this.#lose(lane, error));
      // Another may have taken the partition over meanwhile, and moved the position.
      if (!this.#holds(lane)) break;
      batch.taken(last.offset);
    }
    // Written while we are still a member: the next owner need not do it again.
    if (this.#stopping) await lane.idle();
    const end = batch.messages.at(-1);
    if (fresh.length === 0 && end !== undefined && this.#holds(lane)) batch.taken(end.offset);
  }

  #holds(lane: Lane): boolean {
    return this.#lanes.get(lane.partition) === lane && !lane.broken;
  }

  async #decide(lane: Lane, arrivals: readonly Arrival[], positions: readonly Position[]): ReturnType<Lane['settle']> {
    const placed = this.#place(lane, arrivals);
    this.#parts.moved(lane);
    const items = await this.#parts.prepare(placed);
    // They say nothing of the images: whoever takes them up again decides them.
    if (items.some(isInterrupted)) throw new SluiceError('SLUICE_E_INTERRUPTED', 'images of the batch were no longer read');
    return await lane.settle(items, placed, positions);
  }

  async #label(lane: Lane, place: Place, messages: readonly KafkaMessage[], positions: readonly Position[]): ReturnType<Lane['label']> {
    return await lane.label(await this.#parts.readLabels(place, messages), positions);
  }

  #place(lane: Lane, arrivals: readonly Arrival[]): readonly Placed[] {
    const placed = arrivals.flatMap((arrival) => {
      const seq = lane.number(idOf(arrival));
      return seq === null ? [] : [{ seq, arrival }];
    });
    if (placed.length < arrivals.length) this.#parts.repeated(lane.partition, arrivals.length - placed.length);
    return placed;
  }

  #settled(lane: Lane, batch: Batch, positions: readonly Position[]): void {
    lane.commit(positions);
    this.#parts.settled(lane, batch);
    if (this.#lanes.get(lane.partition) === lane) this.#parts.moved(lane);
  }

  /** The inputs go back to what is committed, where the next owner, perhaps this process, goes on. */
  #lose(lane: Lane, error: unknown): void {
    if (this.#lanes.get(lane.partition) !== lane) return;
    this.#drop(lane.partition);
    this.#parts.lost(lane.partition, error);
    this.#parts.seek(lane.partition, lane.committed());
  }

  #drop(partition: number): void {
    const lane = this.#lanes.get(partition);
    this.#lanes.delete(partition);
    if (lane !== undefined) this.#close(lane);
  }

  #close(lane: Lane): void {
    const closed = lane.close().catch(() => {}).finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }

  /** One at a time for each partition. */
  #takeOver(partition: number): Promise<void> {
    const there = this.#takingOver.get(partition);
    if (there !== undefined) return there;
    this.#drop(partition);
    const done = this.#begin(partition).finally(() => this.#takingOver.delete(partition));
    this.#takingOver.set(partition, done);
    return done;
  }

  async #begin(partition: number): Promise<void> {
    try {
      const { lane, positions } = await this.#parts.takeOver(partition);
      // Lost meanwhile: nothing would drop it.
      if (!this.#assigned.includes(partition)) return this.#close(lane);
      this.#lanes.set(partition, lane);
      this.#parts.seek(partition, positions);
    } catch (thrown) {
      this.#parts.lost(partition, thrown);
      throw thrown;
    }
  }

  /** Takes no further batch. */
  halt(): void {
    this.#stopping = true;
  }

  /** Waits for what is on its way, then lets go of all lanes. To be called when no batch comes any more. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#takingOver.values());
    for (const partition of this.owned) this.#drop(partition);
    await Promise.all(this.#closing);
  }
}

function isInterrupted(item: Embedded | Failed): boolean {
  return 'error' in item && item.error.code === 'SLUICE_E_INTERRUPTED';
}
