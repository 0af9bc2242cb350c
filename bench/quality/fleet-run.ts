/** Several engines over the streams of one data set, which tell each other what they know: the operators from recall to alert, as the hosts run them. */
import { from, lastValueFrom, toArray } from 'rxjs';
import { alert } from '../../operators/alert.ts';
import { arrive } from '../../operators/arrive.ts';
import { audit } from '../../operators/audit.ts';
import { cluster } from '../../operators/cluster.ts';
import { decide } from '../../operators/decide.ts';
import { isAlive, type Embedded } from '../../operators/items.ts';
import { recall } from '../../operators/recall.ts';
import { Engine, type EngineSettings } from '../../operators/state/engine.ts';
import type { Told } from '../../schemas/told.ts';
import { ExactIndex } from '../../pipelines/config/cases/exact-index.ts';
import { DEFAULT_POLICY } from '../../pipelines/config/policy.ts';
import { row, type EmbeddedSet } from './embeddings.ts';

/** One engine for all streams; one for each, alone; the same, telling each other; the same with what they tell put under the names of others. */
export type Way = 'one' | 'alone' | 'sharing' | 'permuted';

export interface FleetOptions {
  readonly way: Way;
  readonly seed: number;
  readonly streams: number;
  /** Items of all streams between two exchanges. */
  readonly every: number;
}

/** An engine with the operators around it. */
class Worker {
  readonly engine: Engine;
  readonly #recalled: ReturnType<typeof recall>;
  #seq = 0;

  constructor(settings: EngineSettings) {
    this.engine = new Engine(settings);
    this.#recalled = recall(new ExactIndex(settings.dimension), this.engine.memory);
  }

  /** @returns the ids of what it admits */
  async decide(items: readonly Omit<Embedded, 'seq'>[]): Promise<readonly string[]> {
    const { engine } = this;
    const numbered = items.map((item) => ({ ...item, seq: this.#seq++ }));
    const decided = await lastValueFrom(from(numbered).pipe(this.#recalled, arrive(engine), cluster(engine), audit(engine), decide(engine), alert(engine), toArray()));
    return decided.filter(isAlive).flatMap(({ sample, judgement }) => (judgement.verdict === 'admit' ? [sample.id] : []));
  }
}

/** @param order rows of the set in the order in which they come. @returns the rows that are admitted */
export async function admittedBy(set: EmbeddedSet, labels: readonly string[], order: readonly number[], streamOf: (i: number) => number, options: FleetOptions): Promise<number[]> {
  const { way, seed, streams, every } = options;
  const count = way === 'one' ? 1 : streams;
  const base: EngineSettings = { policy: DEFAULT_POLICY, purpose: 'train', budget: 0.25, seed, dimension: set.dimension, reveal: { when: 'admitted', after: 200 } };
  const workers = Array.from({ length: count }, (_, partition) => new Worker(way === 'sharing' || way === 'permuted' ? { ...base, fleet: { partition, partitions: count } } : base));
  const itemOf = (i: number): Omit<Embedded, 'seq'> => ({
    sample: { id: String(i), uri: set.paths[i] ?? '', stream: String(streamOf(i)), time: null, label: labels[i] ?? null, origin: null },
    quality: set.quality[i] ?? { brightness: 0, contrast: 0, sharpness: 0, width: 0, height: 0 },
    digest: set.digests[i] ?? '',
    small: new Uint8Array(),
    embedding: row(set, i),
  });
  const admitted: number[] = [];
  for (let at = 0; at < order.length; at += every) {
    const part = order.slice(at, at + every);
    for (const [w, worker] of workers.entries()) {
      const own = part.filter((i) => count === 1 || streamOf(i) === w);
      if (own.length > 0) admitted.push(...(await worker.decide(own.map(itemOf))).map(Number));
    }
    const told = workers.flatMap(({ engine }) => engine.tell());
    const news = way === 'permuted' ? permuted(told, count) : told;
    for (const { engine } of workers) engine.hear(news);
  }
  return admitted;
}

/** What each tells of scenes and scores, under the name of the next; who gave whom how many tokens stays true. */
function permuted(told: readonly Told[], count: number): readonly Told[] {
  const standings = new Map(told.flatMap((news) => ('standing' in news ? [[news.partition, news.standing] as const] : [])));
  return told.map((news) => {
    const partition = (news.partition + 1) % count;
    if (!('standing' in news)) return { ...news, partition };
    const { transfers = [], decided = 0 } = standings.get(partition) ?? {};
    return { partition, standing: { ...news.standing, transfers, decided } };
  });
}
