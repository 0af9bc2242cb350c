/** One engine among several, item by item, with exact search in plain loops and a changelog in memory. */
import type { Embedded } from '../../operators/items.ts';
import { Engine, type EngineSettings } from '../../operators/state/engine.ts';
import type { Judgement } from '../../operators/state/policy.ts';
import type { Change } from '../../schemas/decision.ts';
import type { Told } from '../../schemas/told.ts';

export class Member {
  readonly engine: Engine;
  readonly judgements: Judgement[] = [];
  readonly tellings: (readonly Told[])[] = [];
  readonly #settings: EngineSettings;
  readonly #log: Map<string, Change>;
  readonly #embeddings: Map<number, Float32Array>;

  constructor(settings: EngineSettings, log = new Map<string, Change>(), embeddings = new Map<number, Float32Array>()) {
    this.#settings = settings;
    this.#log = log;
    this.#embeddings = embeddings;
    this.engine = new Engine(settings);
  }

  /** @returns whether it is admitted */
  decide(item: Embedded): boolean {
    const { engine } = this;
    const arrived = { ...item, nearest: engine.memory.nearest(item.embedding, null), ...engine.arrive(item) };
    const { judgement } = engine.decide(engine.audit(engine.cluster(arrived)));
    this.judgements.push(judgement);
    this.#embeddings.set(item.seq, item.embedding);
    return judgement.verdict === 'admit';
  }

  tell(): readonly Told[] {
    this.engine.tell(this.judgements.length - 1);
    return this.engine.takeTold();
  }

  hear(told: readonly Told[]): void {
    this.engine.hear(told, this.judgements.length - 1);
  }

  /** Another engine with the state that this one has logged by now. */
  restored(): Member {
    for (const change of this.engine.takeChanges()) this.#log.set(`${change.kind} ${String(change.key).padStart(16, '0')}`, change);
    const again = new Member(this.#settings, new Map(this.#log), new Map(this.#embeddings));
    const changes = [...this.#log].filter(([, { value }]) => value !== null).sort(([a], [b]) => (a < b ? -1 : 1));
    again.engine.restore(changes.map(([, change]) => change), (seq) => this.#embeddings.get(seq) ?? new Float32Array());
    return again;
  }
}
