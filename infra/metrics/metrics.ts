/** Metrics of one worker for Prometheus. The registry is its own: several workers in one process, as in tests, do not meet. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Verdict } from '../../schemas/decision.ts';
import { type Definition, METRICS } from './definitions.ts';
import { watchLoopDelay } from './loop-delay.ts';

/** `unknown`: the broker did not say. `fenced`: another worker has the partition. */
export type Outcome = 'committed' | 'aborted' | 'unknown' | 'fenced';
const OUTCOMES: readonly Outcome[] = ['committed', 'aborted', 'unknown', 'fenced'];

/** What the host tells. Seconds are of any clock that does not jump; counts are since the last call. */
export interface WorkerMetrics {
  decided(verdict: Verdict, reason: string, count?: number): void;
  dead(code: string, count?: number): void;
  /** Annotations that were left out. */
  faults(code: string, count: number): void;
  duplicates(count: number): void;
  /** Label events, by what became of them. */
  labels(counts: Readonly<Record<'learned' | 'waiting' | 'repeated' | 'forgotten' | 'unused', number>>): void;
  alert(kind: string): void;
  /** What became of an alert at a sink. */
  delivery(sink: string, outcome: string, count?: number): void;
  /** Alerts that the sink has not got yet. */
  pending(sink: string, alerts: number): void;
  /** A frame of a camera was overtaken by a newer one. */
  overtaken(camera: string): void;
  /** Whether frames come from a camera. @param lost whether a connection has ended, or could not be made */
  camera(camera: string, connected: boolean, lost: boolean): void;
  /** Messages of the partition that are not committed yet. */
  lag(topic: string, partition: number, messages: number): void;
  /** The worker has lost the partition: its figures are another's to tell. */
  lost(partition: number): void;
  /** Items fetched and not committed yet, as it stands now. */
  inFlight(items: number): void;
  clusters(partition: number, counts: Readonly<Record<'live' | 'cold', number>>): void;
  embedded(images: number, seconds: number): void;
  transaction(outcome: Outcome): void;
  rebalance(): void;
  restored(seconds: number): void;
}

/** What is shown of them. */
export interface Exposition {
  readonly contentType: string;
  text(): Promise<string>;
}

export interface Metrics extends WorkerMetrics, Exposition {
  /** Ends what it watches. */
  close(): void;
}

/** @param pipeline its name, a label of every metric. @param version of Sluice */
export function openMetrics(pipeline: string, version: string): Metrics {
  return new PrometheusMetrics(pipeline, version);
}

class PrometheusMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #items = this.#counter(METRICS.items);
  readonly #dead = this.#counter(METRICS.dead);
  readonly #faults = this.#counter(METRICS.faults);
  readonly #duplicates = this.#counter(METRICS.duplicates);
  readonly #labels = this.#counter(METRICS.labels);
  readonly #alerts = this.#counter(METRICS.alerts);
  readonly #deliveries = this.#counter(METRICS.deliveries);
  readonly #deliveriesPending = this.#gauge(METRICS.deliveriesPending);
  readonly #framesDropped = this.#counter(METRICS.framesDropped);
  readonly #cameraConnected = this.#gauge(METRICS.cameraConnected);
  readonly #cameraLost = this.#counter(METRICS.cameraLost);
  readonly #lag = this.#gauge(METRICS.lag);
  readonly #inFlight = this.#gauge(METRICS.inFlight);
  readonly #clusters = this.#gauge(METRICS.clusters);
  readonly #embedding = this.#histogram(METRICS.embedding);
  readonly #embedded = this.#counter(METRICS.embedded);
  readonly #transactions = this.#counter(METRICS.transactions);
  readonly #rebalances = this.#counter(METRICS.rebalances);
  readonly #restore = this.#histogram(METRICS.restore);
  readonly #memory = this.#gauge(METRICS.memory);
  readonly #topics = new Map<number, Set<string>>();
  readonly #endWatch: () => void;

  constructor(pipeline: string, version: string) {
    this.#registry.setDefaultLabels({ pipeline });
    this.#gauge(METRICS.info).set({ version }, 1);
    // A series that is not there cannot be told from one that never failed.
    for (const outcome of OUTCOMES) this.#transactions.inc({ outcome }, 0);
    const loopDelay = this.#histogram(METRICS.loopDelay);
    this.#endWatch = watchLoopDelay((seconds) => loopDelay.observe(seconds));
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    this.#memory.set(process.memoryUsage.rss());
    return await this.#registry.metrics();
  }

  decided(verdict: Verdict, reason: string, count = 1): void {
    this.#items.inc({ verdict, reason }, count);
  }

  dead(code: string, count = 1): void {
    this.#dead.inc({ code }, count);
  }

  faults(code: string, count: number): void {
    this.#faults.inc({ code }, count);
  }

  duplicates(count: number): void {
    this.#duplicates.inc(count);
  }

  labels(counts: Readonly<Record<string, number>>): void {
    for (const [outcome, count] of Object.entries(counts)) this.#labels.inc({ outcome }, count);
  }

  alert(kind: string): void {
    this.#alerts.inc({ kind });
  }

  delivery(sink: string, outcome: string, count = 1): void {
    this.#deliveries.inc({ sink, outcome }, count);
  }

  pending(sink: string, alerts: number): void {
    this.#deliveriesPending.set({ sink }, alerts);
    // From the start, so that a series which is not there cannot be taken for one that never failed.
    for (const outcome of ['delivered', 'failed']) this.#deliveries.inc({ sink, outcome }, 0);
  }

  overtaken(camera: string): void {
    this.#framesDropped.inc({ camera, reason: 'overtaken' });
  }

  camera(camera: string, connected: boolean, lost: boolean): void {
    this.#cameraConnected.set({ camera }, connected ? 1 : 0);
    // From the start, so that a series which is not there cannot be taken for one that counts nothing.
    this.#framesDropped.inc({ camera, reason: 'overtaken' }, 0);
    this.#cameraLost.inc({ camera }, lost ? 1 : 0);
  }

  lag(topic: string, partition: number, messages: number): void {
    this.#topics.set(partition, (this.#topics.get(partition) ?? new Set()).add(topic));
    this.#lag.set({ topic, partition: String(partition) }, messages);
  }

  lost(partition: number): void {
    for (const topic of this.#topics.get(partition) ?? []) this.#lag.remove({ topic, partition: String(partition) });
    this.#topics.delete(partition);
    for (const tier of ['live', 'cold']) this.#clusters.remove({ partition: String(partition), tier });
  }

  inFlight(items: number): void {
    this.#inFlight.set(items);
  }

  clusters(partition: number, counts: Readonly<Record<'live' | 'cold', number>>): void {
    for (const [tier, count] of Object.entries(counts)) this.#clusters.set({ partition: String(partition), tier }, count);
  }

  embedded(images: number, seconds: number): void {
    this.#embedded.inc(images);
    this.#embedding.observe(seconds);
  }

  transaction(outcome: Outcome): void {
    this.#transactions.inc({ outcome });
  }

  rebalance(): void {
    this.#rebalances.inc();
  }

  restored(seconds: number): void {
    this.#restore.observe(seconds);
  }

  close(): void {
    this.#endWatch();
    this.#registry.clear();
  }

  #counter({ name, help, labels }: Definition): Counter {
    return new Counter({ name, help, labelNames: [...labels], registers: [this.#registry] });
  }

  #gauge({ name, help, labels }: Definition): Gauge {
    return new Gauge({ name, help, labelNames: [...labels], registers: [this.#registry] });
  }

  #histogram({ name, help, labels, buckets = [] }: Definition): Histogram {
    return new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers: [this.#registry] });
  }
}
