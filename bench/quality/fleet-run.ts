/** Several engines over the streams of one data set, which tell each other what they know: the operators from recall to alert, as the hosts run them. */
import { from, lastValueFrom, toArray } from 'rxjs';
import { alert } from '../../operators/alert.ts';
import { arrive } from '../../operators/arrive.ts';
import { audit } from '../../operators/audit.ts';
import { cluster } from '../../operators/cluster.ts';
import { decide } from '../../operators/decide.ts';
import { type Decided, type Embedded, isAlive } from '../../operators/items.ts';
import { recall } from '../../operators/recall.ts';
import { Engine, type EngineSettings } from '../../operators/state/engine.ts';
import { ExactIndex } from '../../pipelines/config/cases/exact-index.ts';
import type { Told } from '../../schemas/told.ts';
import { type EmbeddedSet, row } from './embeddings.ts';

/** Changes what is told on its way to the others. */
export type Post = (told: readonly Told[]) => readonly Told[];

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

  async decide(items: readonly Omit<Embedded, 'seq'>[]): Promise<readonly Decided[]> {
    const engine = this.#engine;
    const numbered = items.map((item) => ({ ...item, seq: this.#seq++ }));
    const decided = await lastValueFrom(from(numbered).pipe(this.#recalled, arrive(engine), cluster(engine), audit(engine), decide(engine), alert(engine), toArray()));
    engine.takeChanges();
    return decided.filter(isAlive);
  }

  tell(): readonly Told[] {
    this.#engine.tell(this.#seq - 1);
    return this.#engine.takeTold();
  }

  hear(told: readonly Told[]): void {
    this.#engine.hear(told, this.#seq - 1);
  }
}

/**
 * @param items of all partitions, in the order in which they come. @param every items of all partitions between two exchanges.
 * @param post null: they are told nothing. @returns the rows that are admitted
 */
export async function runFleet(set: EmbeddedSet, items: readonly FleetItem[], settings: EngineSettings, every: number, post: Post | null): Promise<number[]> {
  const partitions = 1 + Math.max(...items.map(({ partition }) => partition));
  const workers = Array.from({ length: partitions }, (_, partition) => new Worker({ ...settings, ...(post === null ? {} : { fleet: { partition, partitions } }) }));
  const admitted: number[] = [];
  for (let at = 0; at < items.length; at += every) {
    const part = items.slice(at, at + every);
    for (const [w, worker] of workers.entries()) {
      const own = part.filter(({ partition }) => partition === w).map((item) => embeddedItem(set, item));
      if (own.length === 0) continue;
      for (const { sample, judgement } of await worker.decide(own)) if (judgement.verdict === 'admit') admitted.push(Number(sample.id));
    }
    if (post === null) continue;
    const told = post(workers.flatMap((worker) => worker.tell()));
    for (const worker of workers) worker.hear(told);
  }
  return admitted;
}

function embeddedItem(set: EmbeddedSet, { row: i, label, partition }: FleetItem): Omit<Embedded, 'seq'> {
  const [quality, digest] = [set.quality[i], set.digests[i]];
  if (quality === undefined || digest === undefined) throw new Error(`${set.name} has no row ${i}`);
  return { sample: { id: String(i), uri: set.paths[i] ?? '', stream: `camera ${partition}`, time: null, label, origin: null }, quality, digest, small: new Uint8Array(), embedding: row(set, i) };
}

/** What each tells of scenes and scores, under the name of the next; who gave whom how many tokens stays true. @param partitions in all */
export function permuted(partitions: number): Post {
  return (told) => {
    const standings = new Map(told.flatMap((news) => ('standing' in news ? [[news.partition, news.standing] as const] : [])));
    return told.map((news) => {
      const partition = (news.partition + 1) % partitions;
      if (!('standing' in news)) return { ...news, partition };
      const { transfers = [], decided = 0 } = standings.get(partition) ?? {};
      return { partition, standing: { ...news.standing, transfers, decided } };
    });
  };
}
