/** Several engines over the streams of one data set, which tell each other what they know: the operators from recall to alert, as the hosts run them. */
import { lastValueFrom, of, toArray } from 'rxjs';
import { alert } from '../../operators/alert.ts';
import { arrive } from '../../operators/arrive.ts';
import { audit } from '../../operators/audit.ts';
import { cluster } from '../../operators/cluster.ts';
import { decide } from '../../operators/decide.ts';
import { type Decided, type Embedded, isAlive } from '../../operators/items.ts';
import { recall } from '../../operators/recall.ts';
import { Engine, type EngineSettings } from '../../operators/state/engine.ts';
import { ExactIndex } from '../../pipelines/config/cases/exact-index.ts';
import { classesOf } from '../../schemas/sample.ts';
import type { Standing, Told } from '../../schemas/told.ts';
import { type EmbeddedSet, row } from './embeddings.ts';

/** Changes what is told on its way to one of the others. */
export type Post = (told: readonly Told[], hearer: number) => readonly Told[];

export interface FleetItem {
  readonly row: number;
  readonly label: string | null;
  readonly partition: number;
}

/** An engine with the operators around it. */
class Worker {
  readonly #engine: Engine;
  readonly #recalled: ReturnType<typeof recall>;
  #seq = 0;

  constructor(settings: EngineSettings) {
    this.#engine = new Engine(settings);
    this.#recalled = recall(new ExactIndex(settings.dimension), this.#engine.memory);
  }

  async decide(item: Omit<Embedded, 'seq'>): Promise<readonly Decided[]> {
    const engine = this.#engine;
    const decided = await lastValueFrom(of({ ...item, seq: this.#seq++ }).pipe(this.#recalled, arrive(engine), cluster(engine), audit(engine), decide(engine), alert(engine), toArray()));
    engine.takeChanges();
    return decided.filter(isAlive);
  }

  /** The label of a decided item, which was admitted. */
  label({ seq, sample: { id, stream, label }, embedding }: Decided): void {
    this.#engine.label({ id, classes: classesOf(label) ?? [], letter: new Uint8Array() }, this.#seq - 1, { seq, stream, admitted: true, embedding });
  }

  tell(): readonly Told[] {
    this.#engine.tell(this.#seq - 1);
    return this.#engine.takeTold();
  }

  hear(told: readonly Told[]): void {
    this.#engine.hear(told, this.#seq - 1);
  }
}

/** How the fleet is run. */
export interface FleetRun {
  /** Items of all partitions between two exchanges. */
  readonly every: number;
  /** Null: they are told nothing. */
  readonly post: Post | null;
  /** Labels of admitted items come so many items of all partitions after theirs; null: as the engines' settings have it. */
  readonly labelled: number | null;
}

/** @param items of all partitions, in the order in which they come. @returns the rows that are admitted */
export async function runFleet(set: EmbeddedSet, items: readonly FleetItem[], settings: EngineSettings, { every, post, labelled }: FleetRun): Promise<number[]> {
  const partitions = 1 + Math.max(...items.map(({ partition }) => partition));
  const workers = Array.from({ length: partitions }, (_, partition) => new Worker({ ...settings, ...(post === null ? {} : { fleet: { partition, partitions } }) }));
  const admitted: number[] = [];
  /** What is still to be labelled, by its place among all items. */
  const waiting = new Map<number, () => void>();
  for (const [at, item] of items.entries()) {
    if (labelled !== null) waiting.get(at - labelled)?.();
    const worker = workers[item.partition];
    for (const decided of (await worker?.decide(embeddedItem(set, item))) ?? []) {
      if (decided.judgement.verdict !== 'admit') continue;
      admitted.push(item.row);
      waiting.set(at, () => worker?.label(decided));
    }
    if (post === null || (at + 1) % every > 0) continue;
    const told = workers.flatMap((each) => each.tell());
    workers.forEach((each, hearer) => each.hear(post(told, hearer)));
  }
  return admitted;
}

function embeddedItem(set: EmbeddedSet, { row: i, label, partition }: FleetItem): Omit<Embedded, 'seq'> {
  const [quality, digest] = [set.quality[i], set.digests[i]];
  if (quality === undefined || digest === undefined) throw new Error(`${set.name} has no row ${i}`);
  return { sample: { id: String(i), uri: set.paths[i] ?? '', stream: `camera ${partition}`, time: null, label, origin: null }, quality, digest, small: new Uint8Array(), embedding: row(set, i), objects: [] };
}

/** What each tells of scenes and scores, under another's name; who gave whom how many tokens stays true. @param by how many names further. @param partitions in all */
export function renamed(by: number, partitions: number): Post {
  return (told) =>
    told.map((news) => {
      const partition = (news.partition + by) % partitions;
      if (!('standing' in news)) return { ...news, partition };
      const { transfers = [], decided = 0 } = standingOf(told, partition) ?? {};
      return { partition, standing: { ...news.standing, transfers, decided } };
    });
}

/**
 * The same, and scores such that each stands to the others as the one does whose sketches come under its name: it knows its own, and whoever is named, that others see
 * rarer things than it does would still be true.
 */
export function permuted(by: number, partitions: number): Post {
  const rename = renamed(by, partitions);
  return (told, hearer) => {
    const news = rename(told, hearer);
    const [own, taken] = [standingOf(told, hearer)?.quantiles ?? [], standingOf(news, hearer)?.quantiles ?? []];
    if (own.length === 0 || taken.length === 0) return news;
    const moved = (score: number, i: number): number => score + (own[i] ?? 0) - (taken[i] ?? 0);
    return news.map((one) => ('standing' in one ? { ...one, standing: { ...one.standing, quantiles: one.standing.quantiles.map(moved).sort() } } : one));
  };
}

function standingOf(told: readonly Told[], partition: number): Standing | undefined {
  return told.flatMap((news) => ('standing' in news && news.partition === partition ? [news.standing] : []))[0];
}
