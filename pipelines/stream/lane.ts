/**
 * One input partition in the process that owns it: its engine, its index, its outputs and how far its inputs have been taken.
 * Batches are settled one after another; one more may be waiting, so that the next is prepared while this one is written.
 */
import { from, lastValueFrom } from 'rxjs';
import type { Position } from '../../infra/kafka/partition-log.ts';
import { alert } from '../../operators/alert.ts';
import { arrive } from '../../operators/arrive.ts';
import { audit } from '../../operators/audit.ts';
import { cluster } from '../../operators/cluster.ts';
import { commit } from '../../operators/commit.ts';
import { decide } from '../../operators/decide.ts';
import type { Embedded, Failed } from '../../operators/items.ts';
import type { Batch, Outlet, Thumbnails, VectorIndex } from '../../operators/ports.ts';
import { recall } from '../../operators/recall.ts';
import type { Engine } from '../../operators/state/engine.ts';
import type { Journal } from './journal.ts';
import type { Placed } from './samples.ts';

export interface LaneParts {
  readonly partition: number;
  readonly engine: Engine;
  readonly journal: Journal;
  readonly index: VectorIndex;
  readonly thumbnails: Thumbnails;
  /** Writes a batch with the positions it was made from. */
  readonly outlet: (placed: readonly Placed[], positions: readonly Position[]) => Outlet;
  readonly close: () => Promise<void>;
}

/** How much there is to do. */
export interface Flow {
  /** Items numbered and not settled yet: of at most three batches. */
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
  #broken = false;

  /** @param positions the next offset of each input topic */
  constructor(parts: LaneParts, positions: readonly Position[]) {
    this.partition = parts.partition;
    this.#parts = parts;
    this.#recalled = recall(parts.index, parts.engine.memory);
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

  /** Resolves when the batch before this one has been settled; then this one is on its way. @throws where that one could not be */
  async settle(items: readonly (Embedded | Failed)[], placed: readonly Placed[], positions: readonly Position[]): Promise<{ readonly settled: Promise<Batch> }> {
    await this.#settled;
    const { engine, thumbnails } = this.#parts;
    const outlet = this.#parts.outlet(placed, positions);
    const settled = lastValueFrom(from(items).pipe(this.#recalled, arrive(engine), cluster(engine), audit(engine), decide(engine), alert(engine), commit(outlet, engine, thumbnails)));
    this.#settled = settled.then(
      () => items.forEach((item) => this.#underWay.delete('sample' in item ? item.sample.id : item.id)),
      (error: unknown) => {
        this.#broken = true;
        throw error;
      },
    );
    this.#settled.catch(() => {});
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
