/**
 * Tells sinks of the alerts of a folder, beside the decisions and never in their way. The outbox is the table of alerts itself: what is committed is delivered, by this run or the
 * next, each sink in the order in which alerts were raised, an alert again until the sink has it.
 */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { Progress } from '../../infra/alerts/progress.ts';
import type { Outbox, Posted, Sink } from '../../infra/alerts/types.ts';
import { Backoff } from '../../infra/sources/cameras/backoff.ts';
import { asSluiceError } from '../../schemas/errors.ts';

/** A sink that is further behind is not told of the oldest. */
export const MOST_BEHIND = 10_000;
/** With waits of up to five minutes, more than two days. */
const MOST_TRIES = 1000;
/** Where a sink says that it will not take it. */
const MOST_REFUSALS = 3;
const WAITS = { firstMs: 1000, longestMs: 300_000 };
/** What is left to deliver when the run ends has so long. */
const LAST_MS = 5000;

export interface DeliveryEvents {
  /** What became of an alert at a sink: `failed` is tried again. */
  delivery(sink: string, outcome: Outcome, count?: number): void;
  pending(sink: string, alerts: number): void;
}

type Outcome = 'delivered' | 'failed' | 'given_up' | 'muted' | 'dropped';

export interface DeliveryParts {
  readonly dir: string;
  readonly outbox: Outbox;
  readonly sinks: readonly Sink[];
  readonly events: DeliveryEvents;
  readonly say: (line: string) => void;
  /** Milliseconds since 1970: how long mutes are in force. */
  readonly now: () => number;
  /** Uniform, 0..1: parts of the waits. */
  readonly draw: () => number;
  readonly waits?: typeof WAITS;
}

export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #progress: Progress;
  /** Ends what is under way. */
  readonly #end = new AbortController();
  /** Ends what waits. */
  readonly #closing = new AbortController();
  readonly #loops: readonly Promise<void>[];
  #moved = Promise.withResolvers<void>();

  /** @throws SluiceError where DIR/alerts.db cannot be opened */
  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.#progress = new Progress(parts.dir, parts.outbox);
    this.#progress.begin(parts.sinks.map(({ name }) => name));
    this.#loops = parts.sinks.map((sink) => this.#run(sink));
  }

  /** Alerts were committed. Whether they are muted is settled now: sinks may wait for their next try, or there may be none. */
  raised(): void {
    void this.#safely('alerts', () => Promise.resolve(this.#progress.watch(this.#parts.now())));
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }

  /** Delivers what can be delivered at once, then ends. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.raised();
    const timer = setTimeout(() => this.#end.abort(), LAST_MS);
    await Promise.all(this.#loops);
    clearTimeout(timer);
    for (const sink of this.#parts.sinks) await sink.close();
    this.#progress.close();
  }

  async #run(sink: Sink): Promise<void> {
    const { draw, waits = WAITS } = this.#parts;
    const backoff = new Backoff(draw, waits);
    let said = '';
    while (!this.#end.signal.aborted) {
      const moved = this.#moved.promise;
      const ended = await this.#safely(sink.name, () => this.#step(sink));
      if (ended === 'nothing') {
        if (this.#closing.signal.aborted) return;
        await moved;
      } else if (ended === 'done') {
        backoff.reset();
        said = '';
        // What is behind must not come all at once before anything else does: a sink can be done without ever waiting.
        await turn();
      } else {
        if (this.#closing.signal.aborted) return;
        const wait = backoff.next();
        if (ended !== said) this.#parts.say(`alerts to ${sink.name}: ${ended}; trying again in ${(wait / 1000).toFixed(1)} s, and from then on`);
        said = ended;
        await sleep(wait, undefined, { signal: this.#closing.signal }).catch(() => {});
      }
    }
  }

  /** The next alert, once. @returns `done` where it is done with, `nothing` where there is none, else why it failed */
  async #step(sink: Sink): Promise<string> {
    const { outbox, events } = this.#parts;
    const { name } = sink;
    const last = this.#progress.watch(this.#parts.now());
    this.#dropOldest(name, last);
    const place = this.#progress.place(name);
    const [next] = outbox.after(place.number, 1);
    events.pending(name, outbox.count(place.number, last));
    if (next === undefined || next.number > last) return 'nothing';
    if (this.#progress.isMuted(next.alert.id)) return this.#done(name, next, 'muted');
    try {
      await sink.deliver(next.alert, this.#end.signal);
    } catch (thrown) {
      if (this.#end.signal.aborted) return 'nothing';
      return this.#failed(name, next, place.tries + 1, thrown);
    }
    return this.#done(name, next, 'delivered');
  }

  #done(name: string, { number }: Posted, outcome: 'delivered' | 'given_up' | 'muted'): string {
    this.#progress.done(name, number, outcome === 'muted' ? 'passed' : outcome);
    this.#parts.events.delivery(name, outcome);
    return 'done';
  }

  #failed(name: string, posted: Posted, tries: number, thrown: unknown): string {
    const { code, message } = asSluiceError(thrown, 'SLUICE_E_INTERNAL');
    this.#parts.events.delivery(name, 'failed');
    if (tries < (code === 'SLUICE_E_SINK_REFUSED' ? MOST_REFUSALS : MOST_TRIES)) {
      this.#progress.tried(name);
      return `${code}: ${message}`;
    }
    this.#parts.say(`alerts to ${name}: alert ${posted.alert.id} is given up after ${tries} tries: ${code}: ${message}`);
    return this.#done(name, posted, 'given_up');
  }

  #dropOldest(name: string, last: number): void {
    const { outbox, events, say } = this.#parts;
    const { number } = this.#progress.place(name);
    const over = outbox.count(number, last) - MOST_BEHIND;
    if (over <= 0) return;
    const reached = outbox.after(number, over).at(-1)?.number ?? number;
    this.#progress.done(name, reached, 'passed');
    events.delivery(name, 'dropped', over);
    say(`alerts to ${name}: it is more than ${MOST_BEHIND} behind; the ${over} oldest are dropped`);
  }

  /** What goes wrong with the files of the folder (somebody writes to them, the disk is full) is tried again as well. */
  async #safely<T>(what: string, work: () => Promise<T>): Promise<T | string> {
    try {
      return await work();
    } catch (thrown) {
      const { code, message } = asSluiceError(thrown, 'SLUICE_E_INTERNAL');
      return `${code}: ${message} (${what})`;
    }
  }
}
