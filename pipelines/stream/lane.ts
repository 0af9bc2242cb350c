/**
 * One input partition in the process that owns it: its engine, its index, its outputs and how far its inputs have been taken.
 * Batches, of samples and of labels as they come, are decided one after another and written one after another: while one is written the next is decided,
 * and of each topic the one after that is prepared.
 */
import { from, lastValueFrom } from 'rxjs';
import type { Position } from '../../infra/kafka/partition-log.ts';
import { alert } from '../../operators/alert.ts';
import { arrive } from '../../operators/arrive.ts';
import { audit } from '../../operators/audit.ts';
import { campaign } from '../../operators/campaign.ts';
import { cluster } from '../../operators/cluster.ts';
import { commit } from '../../operators/commit.ts';
import { commitLabels } from '../../operators/commit-labels.ts';
import { decide } from '../../operators/decide.ts';
import { forget } from '../../operators/forget.ts';
import { hear } from '../../operators/hear.ts';
import type { Embedded, Failed, ForgetEvent, LabelEvent } from '../../operators/items.ts';
import { learn } from '../../operators/learn.ts';
import type { Batch, Outlet, Thumbnails, VectorIndex } from '../../operators/ports.ts';
import { recall } from '../../operators/recall.ts';
import type { Campaign } from '../../operators/state/campaigns.ts';
import type { Engine } from '../../operators/state/engine.ts';
import { tell } from '../../operators/tell.ts';
import type { Told } from '../../schemas/told.ts';
import type { Journal } from './journal.ts';
import type { Placed } from './samples.ts';

/** Its `commit` resolves when the batch is being written. */
interface LaneOutlet extends Outlet {
  /** Resolves when it has been written. */
  written(): Promise<void>;
}

export interface LaneParts {
  readonly partition: number;
  readonly engine: Engine;
  readonly journal: Journal;
  readonly index: VectorIndex;
  readonly thumbnails: Thumbnails;
  /** What other partitions have told since this was asked last. */
  readonly news: () => readonly Told[];
  /** What people ask for by now; the same list until it changes. */
  readonly campaigns: () => readonly Campaign[];
  /** Writes a batch with the positions it was made from. */
  readonly outlet: (placed: readonly Placed[], positions: readonly Position[]) => LaneOutlet;
  readonly close: () => Promise<void>;
}

/** A batch that is being settled; wrapped, since whoever waits for it to begin is not to wait for its end. */
interface OnItsWay {
  readonly settled: Promise<Batch>;
}

/** How much there is to do. */
export interface Flow {
  /** Items numbered and not settled yet: of at most four batches, one being written, one decided, one waiting for its turn, one prepared. */
  readonly inFlight: number;
  /** Messages that are not committed yet, by input topic. */
  readonly lag: readonly { readonly topic: string; readonly messages: number }[];
}

export class Lane {
  readonly partition: number;
  readonly #parts: LaneParts;
  readonly #recalled: ReturnType<typeof recall>;
  readonly #taken: Map<string, bigint>;
  readonly #committed: Map<string, bigint>;
  /** The offset after the last message there is of a topic, as far as is known. */
  readonly #ends = new Map<string, bigint>();
  /** Ids that are on their way but not yet in the journal. */
  readonly #underWay = new Set<string>();
  #seq: number;
  #settled: Promise<unknown> = Promise.resolve();
  /** Resolves when the last batch is being written: the engine is free for the next. */
  #decided: Promise<unknown> = Promise.resolve();
  #broken = false;

  /** @param positions the next offset of each input topic */
  constructor(parts: LaneParts, positions: readonly Position[]) {
    this.partition = parts.partition;
    this.#parts = parts;
    this.#recalled = recall(parts.index, parts.engine.memory, () => this.#decided);
    this.#taken = new Map(positions.map(({ topic, offset }) => [topic, offset]));
    this.#committed = new Map(this.#taken);
    this.#seq = parts.journal.nextSeq;
  }

  /** A batch could not be settled: the lane's state is ahead of what is committed, and of no more use. */
  get broken(): boolean {
    return this.#broken;
  }

  /** The next offset to be taken of a topic. */
  next(topic: string): bigint {
    return this.#taken.get(topic) ?? 0n;
  }

  take(positions: readonly Position[]): void {
    for (const { topic, offset } of positions) this.#taken.set(topic, offset);
  }

  commit(positions: readonly Position[]): void {
    for (const { topic, offset } of positions) this.#committed.set(topic, offset);
  }

  /** The next offset of each topic as far as is written. */
  committed(): readonly Position[] {
    return [...this.#committed].map(([topic, offset]) => ({ topic, offset }));
  }

  /** @param end the offset after the last message there is */
  sees(topic: string, end: bigint): void {
    this.#ends.set(topic, end);
  }

  get flow(): Flow {
    const lag = [...this.#ends].map(([topic, end]) => ({ topic, messages: Number(end - (this.#committed.get(topic) ?? 0n)) }));
    return { inFlight: this.#underWay.size, lag };
  }

  /** As many of these, from the first on, as can be numbered now: of an id that is on its way nobody can tell yet whether it is decided or a dead letter. */
  free(ids: readonly string[]): number {
    const taken = new Set(this.#underWay);
    const at = ids.findIndex((id) => !this.#parts.journal.knows(id) && taken.size === taken.add(id).size);
    return at < 0 ? ids.length : at;
  }

  /** The seq for the next entry; null for an id that was decided before. */
  number(id: string): number | null {
    if (this.#parts.journal.knows(id)) return null;
    this.#underWay.add(id);
    return this.#seq++;
  }

  /**
   * Resolves when the batch before this one has been decided and is being written; then it is this one's turn.
   * @throws where that one could not be decided, or one before it not be written
   */
  settle(items: readonly (Embedded | Failed)[], placed: readonly Placed[], positions: readonly Position[]): Promise<OnItsWay> {
    const { engine, journal, thumbnails, news, campaigns } = this.#parts;
    const outlet = this.#parts.outlet(placed, positions);
    // What comes from outside takes effect before the first item of the batch.
    const arriving = from(items).pipe(this.#recalled, hear(engine, journal, news), campaign(engine, campaigns));
    const decided = lastValueFrom(arriving.pipe(arrive(engine), cluster(engine), audit(engine), decide(engine), alert(engine), tell(engine), commit(outlet, engine, thumbnails)));
    return this.#next(decided, outlet, () => items.forEach((item) => this.#underWay.delete('sample' in item ? item.sample.id : item.id)));
  }

  /** The same for label events: they take effect after all items of the batches before. */
  label(events: readonly (LabelEvent | ForgetEvent)[], positions: readonly Position[]): Promise<OnItsWay> {
    const { engine, journal } = this.#parts;
    const outlet = this.#parts.outlet([], positions);
    const learned = this.#decided.then(() => lastValueFrom(from(events).pipe(forget(engine, journal), learn(engine, journal), commitLabels(outlet, engine))));
    return this.#next(learned, outlet, () => {});
  }

  async #next(decided: Promise<Batch>, outlet: LaneOutlet, whenWritten: () => void): Promise<OnItsWay> {
    const before = this.#decided;
    const settled = decided.then(async (batch) => {
      await outlet.written();
      whenWritten();
      return batch;
    });
    this.#decided = decided;
    this.#settled = settled.catch((error: unknown) => {
      this.#broken = true;
      throw error;
    });
    this.#settled.catch(() => {});
    await before;
    return { settled };
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    await this.#settled.catch(() => {});
  }

  /** Waits for what is on its way, then lets go of everything. */
  async close(): Promise<void> {
    await this.idle();
    await this.#parts.index.close();
    await this.#parts.close();
  }
}
