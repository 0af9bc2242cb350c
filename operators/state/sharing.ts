/** What engines of one pipeline know of each other: the scenes and classes of the others, and what of a common budget is whose. */
import type { Change } from '../../schemas/decision.ts';
import { Breadth } from './breadth.ts';
import { decay, type Clock } from './clock.ts';
import type { Clusters } from './clusters.ts';
import { Packer, Unpacker } from './codec.ts';
import { Cut } from './cut.ts';
import { Fleet, type FleetSettings } from './fleet.ts';
import { Prior } from './prior.ts';
import type { Purses, Supply } from './purses.ts';
import type { Rate } from './rate-budget.ts';
import { Tally } from './tally.ts';
import type { Told } from '../../schemas/told.ts';
import type { Variety } from './variety.ts';

/** Kinds of the changelog records that are kept here. */
export const SHARED: ReadonlySet<string> = new Set(['breadth', 'tally', 'prior', 'prior-sums', 'fleet', 'merits', 'arrivals']);

/** A partition that has not been heard of is taken to be as busy as the mean, less and less up to so many items of ours: it may be idle. */
const PATIENCE = 500;
/** Half-life of arrival rates in seconds where the budget is no rate. */
const HOUR = 3600;

interface SharingSettings {
  readonly budget: number | Rate;
  readonly per?: 'fleet' | 'stream';
  readonly dimension: number;
}

export class Sharing {
  readonly prior = new Prior();
  readonly tally = new Tally();
  readonly breadth: Breadth;
  readonly #partition: number;
  readonly #partitions: number;
  readonly #dimension: number;
  /** Milliseconds. */
  readonly #halfLife: number;
  /** What of the budget is divided: tokens of a share by what the scores are worth, a rate by arrivals; nothing where each stream has its own. */
  readonly #divided: 'tokens' | 'rate' | 'nothing';
  readonly #fleet: Fleet;
  /** Of eligible items, where tokens are divided by them. */
  readonly #merits = new Cut();
  /** Items decided, and their decayed count up to the time `#at`. */
  #decided = 0;
  #arrivals = 0;
  #at = 0;

  constructor({ partition, partitions }: FleetSettings, { budget, per = 'fleet', dimension }: SharingSettings) {
    this.#partition = partition;
    this.#partitions = partitions;
    this.#dimension = dimension;
    this.breadth = new Breadth(dimension);
    this.#halfLife = 1000 * (typeof budget === 'number' ? HOUR : budget.seconds);
    this.#divided = per === 'stream' ? 'nothing' : typeof budget === 'number' ? 'tokens' : 'rate';
    this.#fleet = new Fleet(partition, typeof budget === 'number' ? budget : 1);
  }

  /** What the next item may draw on. @param now milliseconds; null where there are no times. @param tokens in the budget by now */
  supply(now: number | null, tokens: number): Supply {
    this.#decided += 1;
    if (now !== null) {
      this.#arrivals = this.#arrivals * decay(now - this.#at, this.#halfLife) + 1;
      this.#at = Math.max(now, this.#at);
    }
    if (this.#divided === 'tokens') return { now, part: 1, aim: this.#fleet.aim, moved: this.#fleet.move(this.#decided, tokens), run: this.#fleet.heard > 0 ? this.#fleet.run(this.#decided) : 0 };
    return { now, part: this.#divided === 'rate' && now !== null ? this.#part(now) : 1, moved: 0 };
  }

  /** An eligible item was decided. @param merit what it was worth to the fleet */
  learn(merit: number): void {
    if (this.#divided === 'tokens') this.#merits.learn(merit);
  }

  #rate(now: number): number {
    return (this.#arrivals * decay(now - this.#at, this.#halfLife) * 1000 * Math.LN2) / this.#halfLife;
  }

  /** Our part of all arrivals. */
  #part(now: number): number {
    const own = this.#rate(now);
    const others = this.#fleet.rates(now, this.#halfLife);
    const known = others.reduce((sum, rate) => sum + rate, own);
    const silent = this.#partitions - 1 - others.length;
    const doubt = Math.max(0, 1 - this.#decided / PATIENCE);
    return own / (known + (doubt * silent * known) / (others.length + 1));
  }

  tell(clock: Clock, clusters: Clusters, purses: Purses, variety: Variety): readonly Told[] {
    const { now, halfLife, time } = clock;
    const partition = this.#partition;
    const told: Told[] = this.tally.take(clusters, now, halfLife, time, this.#decided).map((sketch) => ({ partition, ...sketch }));
    const own = this.#own(purses);
    if (this.#divided === 'tokens') {
      this.#fleet.allot(own);
      this.#fleet.give(purses.of('').tokens);
    }
    const rate = time === null ? 0 : this.#rate(time);
    return [...told, { partition, standing: { time, rate, ...own, transfers: this.#fleet.ledger.transfers(), variety: this.breadth.tell(variety) } }];
  }

  #own(purses: Purses): { readonly decided: number; readonly eligible: number; readonly quantiles: Float32Array } {
    if (this.#divided !== 'tokens') return { decided: this.#decided, eligible: 0, quantiles: new Float32Array() };
    return { decided: this.#decided, eligible: purses.of('').demand, quantiles: this.#merits.quantiles() };
  }

  hear(told: readonly Told[], clock: Clock, clusters: Clusters, purses: Purses): void {
    const { now, halfLife } = clock;
    for (const news of told) {
      if (news.partition === this.#partition) continue;
      if ('standing' in news) {
        this.#fleet.hear(news.partition, news.standing, this.#decided);
        this.breadth.hear(news.partition, news.standing.variety);
      }
      // Of another model: nothing here can be compared with it.
      else if (news.sketch === null || news.sketch.centroid.length === this.#dimension) this.prior.hear(news.partition, news.cluster, news.sketch, now, (centroid) => clusters.place(centroid).row === null);
    }
    this.prior.settle(now, halfLife);
    if (this.#divided === 'tokens') this.#fleet.allot(this.#own(purses));
  }

  takeChanges(): readonly Change[] {
    return [
      ...this.breadth.takeChanges(),
      ...this.tally.takeChanges(),
      ...this.prior.takeChanges(),
      { kind: 'prior-sums', key: 0, value: this.prior.packSums() },
      { kind: 'fleet', key: 0, value: this.#fleet.pack() },
      { kind: 'merits', key: 0, value: this.#merits.pack() },
      { kind: 'arrivals', key: 0, value: new Packer().f64(this.#decided, this.#arrivals, this.#at).done() },
    ];
  }

  restore({ kind, key, value }: Change): void {
    if (value === null) return;
    if (kind === 'breadth') this.breadth.restoreRow(key, value);
    else if (kind === 'tally') this.tally.restoreRow(key, value);
    else if (kind === 'prior') this.prior.restoreRow(key, value);
    else if (kind === 'prior-sums') this.prior.restoreSums(value);
    else if (kind === 'fleet') this.#fleet.restore(value);
    else if (kind === 'merits') this.#merits.restore(value);
    else {
      const from = new Unpacker(value);
      this.#decided = from.f64();
      this.#arrivals = from.f64();
      this.#at = from.f64();
    }
  }
}
