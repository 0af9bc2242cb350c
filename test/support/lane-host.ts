/** A lane of the pipeline over Kafka, with a changelog in memory from which it can be opened again as another worker would. */
import type { Failed, Embedded, LabelEvent } from '../../operators/items.ts';
import type { Batch } from '../../operators/ports.ts';
import { type Campaign, NO_CAMPAIGNS } from '../../operators/state/campaigns.ts';
import { Engine, type EngineSettings } from '../../operators/state/engine.ts';
import { externalOf, type External } from '../../operators/state/external.ts';
import { Journal } from '../../pipelines/stream/journal.ts';
import { Lane } from '../../pipelines/stream/lane.ts';
import type { Change, Decision } from '../../schemas/decision.ts';
import type { Told } from '../../schemas/told.ts';
import { LoopIndex } from './embedded-host.ts';

export class LaneHost {
  readonly batches: Batch[] = [];
  /** All that was ever logged of outside events. */
  readonly events: External[] = [];
  /** What others have told, to be heard before the next batch. */
  readonly inbox: Told[] = [];
  /** What people ask for, from the next batch on. */
  asked: readonly Campaign[] = NO_CAMPAIGNS;
  readonly #settings: EngineSettings;
  readonly #changelog = new Map<string, Change>();
  #lane: Lane;

  constructor(settings: EngineSettings) {
    this.#settings = settings;
    this.#lane = this.#open();
  }

  get decisions(): readonly Decision[] {
    return this.batches.flatMap(({ decisions }) => decisions);
  }

  /** The changelog as it stands, a line each. */
  get state(): readonly string[] {
    return [...this.#changelog].map(([name, { value }]) => `${name} ${Buffer.from(value ?? []).toString('base64')}`).sort();
  }

  /** The state goes; another owner takes it up from the changelog. */
  async reopen(): Promise<void> {
    await this.#lane.close();
    this.#lane = this.#open();
  }

  #open(): Lane {
    const engine = new Engine(this.#settings);
    const journal = new Journal(engine, this.#settings.lateLabels, 1000);
    journal.restore(this.#changelog.values());
    const commit = (batch: Batch): void => {
      this.batches.push(batch);
      for (const change of journal.records(batch)) {
        const name = `${change.kind}/${change.key}`;
        if (change.value === null) this.#changelog.delete(name);
        else this.#changelog.set(name, change);
        const event = externalOf(change);
        if (event !== null) this.events.push(event);
      }
    };
    const thumbnails = { halve: () => new Uint8Array(), encode: async () => [] };
    return new Lane({ partition: 0, engine, journal, index: new LoopIndex(this.#settings.dimension), thumbnails, campaigns: () => this.asked, news: () => this.inbox.splice(0), outlet: () => ({ commit, written: async () => {} }), close: async () => {} }, []);
  }

  /** One batch; what was decided before is left out. */
  async decide(items: readonly (Embedded | Failed)[]): Promise<Batch> {
    const numbered = items.flatMap((item) => {
      const seq = this.#lane.number('sample' in item ? item.sample.id : item.id);
      return seq === null ? [] : [{ ...item, seq }];
    });
    return await (await this.#lane.settle(numbered, [], [])).settled;
  }

  async label(events: readonly LabelEvent[]): Promise<Batch> {
    return await (await this.#lane.label(events, [])).settled;
  }
}
