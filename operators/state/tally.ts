/** Decayed counts per cluster of the classes admitted, and what of each cluster the others have been told last. */
import type { Change } from '../../schemas/decision.ts';
import { decay } from './clock.ts';
import type { Clusters } from './clusters.ts';
import { Packer, Unpacker } from './codec.ts';
import type { ClusterSketch } from '../../schemas/told.ts';

/** The others are told of a cluster anew when its weight is off by this part of what they think it is. */
const MATERIAL = 0.1;
/** A cluster of one item is not worth telling of. */
const LEAST = 1.5;
/** Classes counted of a cluster, the heaviest; a count that has faded below LEAST_COUNT is none, and a name beyond so many characters is no class but a text. */
const MOST_CLASSES = 64;
const LEAST_COUNT = 0.05;
const LONGEST_NAME = 200;

interface Entry {
  readonly counts: Map<string, number>;
  /** Weight last told, and the time to which all weights of this entry are decayed. */
  told: number;
  at: number;
  /** Has something the others do not know. */
  news: 'none' | 'weight' | 'counts';
}

export class Tally {
  readonly #entries = new Map<number, Entry>();
  /** Clusters that were told of and are gone. */
  readonly #gone = new Set<number>();
  readonly #changed = new Set<number>();

  #of(cluster: number, now: number, halfLife: number): Entry {
    const entry = this.#entries.get(cluster) ?? { counts: new Map<string, number>(), told: 0, at: now, news: 'none' };
    this.#entries.set(cluster, entry);
    this.#changed.add(cluster);
    const time = Math.max(now, entry.at);
    const fade = decay(time - entry.at, halfLife);
    entry.told *= fade;
    for (const [name, count] of entry.counts) {
      if (count * fade < LEAST_COUNT) entry.counts.delete(name);
      else entry.counts.set(name, count * fade);
    }
    entry.at = time;
    return entry;
  }

  /** An item has joined the cluster. */
  touch(cluster: number, now: number, halfLife: number): void {
    if ((this.#entries.get(cluster)?.news ?? 'none') === 'none') this.#of(cluster, now, halfLife).news = 'weight';
  }

  /** What was admitted of the cluster shows these classes. */
  add(cluster: number, classes: readonly string[], now: number, halfLife: number): void {
    const entry = this.#of(cluster, now, halfLife);
    for (const name of classes) if (name.length <= LONGEST_NAME) entry.counts.set(name, (entry.counts.get(name) ?? 0) + 1);
    keepHeaviest(entry.counts);
    if (classes.length > 0) entry.news = 'counts';
  }

  /** Takes back what `add` counted for these classes at that time. */
  remove(cluster: number, classes: readonly string[], counted: number, now: number, halfLife: number): void {
    const entry = this.#of(cluster, now, halfLife);
    for (const name of classes) {
      const count = entry.counts.get(name);
      if (count !== undefined) entry.counts.set(name, Math.max(0, count - decay(entry.at - counted, halfLife)));
    }
    if (classes.length > 0) entry.news = 'counts';
  }

  /** Puts the counts of clusters that were merged away to those that took them in. */
  follow(merged: ReadonlyMap<number, number>, now: number, halfLife: number): void {
    for (const [from, to] of merged) {
      const old = this.#of(from, now, halfLife);
      const into = this.#of(to, now, halfLife);
      for (const [name, count] of old.counts) into.counts.set(name, (into.counts.get(name) ?? 0) + count);
      keepHeaviest(into.counts);
      into.news = 'counts';
      this.#entries.delete(from);
      if (old.told > 0) this.#gone.add(from);
    }
  }

  /** What the others do not know yet, by cluster. @param time as others see it. @param decided items by now */
  take(clusters: Clusters, now: number, halfLife: number, time: number | null, decided: number): readonly { readonly cluster: number; readonly sketch: ClusterSketch | null }[] {
    const gone = [...this.#gone].sort((a, b) => a - b).map((cluster) => ({ cluster, sketch: null }));
    for (const cluster of this.#gone) this.#changed.add(cluster);
    this.#gone.clear();
    const news = [...this.#entries].filter(([, { news: kind }]) => kind !== 'none').sort(([a], [b]) => a - b);
    const told = news.flatMap(([cluster, known]) => {
      const weight = clusters.weight(cluster, now, halfLife);
      // Most have none that matters yet: they stay as they are, since what is changed is logged.
      if (!isMaterial(known, weight, now, halfLife)) return [];
      const entry = this.#of(cluster, now, halfLife);
      entry.told = weight;
      entry.news = 'none';
      return [{ cluster, sketch: { decided, centroid: clusters.centroid(cluster), weight, time, counts: [...entry.counts].map(([name, count]) => ({ class: name, weight: count })) } }];
    });
    return [...gone, ...told];
  }

  *takeChanges(): Iterable<Change> {
    for (const key of this.#changed) {
      const entry = this.#entries.get(key);
      const gone = this.#gone.has(key);
      yield { kind: 'tally', key, value: entry === undefined && !gone ? null : pack(entry, gone) };
    }
    this.#changed.clear();
  }

  restoreRow(key: number, value: Uint8Array): void {
    const from = new Unpacker(value);
    if (from.f64() === 1) this.#gone.add(key);
    else {
      const [told, at, news] = [from.f64(), from.f64(), from.f64()];
      const counts = new Map(from.texts().map((name) => [name, from.f64()]));
      this.#entries.set(key, { counts, told, at, news: (['none', 'weight', 'counts'] as const)[news] ?? 'none' });
    }
  }
}

/** Whether the others are to know. @param weight of the cluster now */
function isMaterial({ news, told, at }: Entry, weight: number, now: number, halfLife: number): boolean {
  const known = told * decay(Math.max(0, now - at), halfLife);
  return news === 'counts' || (weight >= LEAST && Math.abs(weight - known) > MATERIAL * known);
}

/** Of equal ones the newest. */
function keepHeaviest(counts: Map<string, number>): void {
  if (counts.size <= MOST_CLASSES) return;
  const lightest = [...counts].sort(([, a], [, b]) => a - b);
  for (const [name] of lightest.slice(0, counts.size - MOST_CLASSES)) counts.delete(name);
}

function pack(entry: Entry | undefined, gone: boolean): Uint8Array {
  if (entry === undefined) return new Packer().f64(gone ? 1 : 0).done();
  const { told, at, news, counts } = entry;
  const names = [...counts.keys()];
  return new Packer().f64(0, told, at, ['none', 'weight', 'counts'].indexOf(news)).texts(names).f64(...counts.values()).done();
}
