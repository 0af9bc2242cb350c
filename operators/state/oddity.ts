/**
 * How odd a picture is for its label: by how many deviations another class leads more than is usual for the labels of its class. Of the pictures of one
 * class the odd ones teach a classifier the least (docs/selection.md); classes are not compared with each other, since the head knows a rare one badly.
 */
import { Packer, Unpacker } from './codec.ts';
import { MAX_CLASSES } from './head.ts';

/** Labels of a class before it is known what is usual. */
const ENOUGH = 8;
/** Labels over which it is estimated: the head learns, so what is usual changes. */
const SPAN = 100;
/** Variance to begin with, and the labels it is worth; a tenth of it at least: where all look alike the least difference is none. */
const BEGIN = 0.04;
const WORTH = 10;
const LEAST = BEGIN / 10;

interface Usual {
  readonly key: number;
  count: number;
  mean: number;
  variance: number;
}

export class Oddity {
  readonly #usual = new Map<string, Usual>();
  readonly #changed = new Set<string>();

  /** Deviations above what is usual, below 0 for a picture that fits better than most; 0 while too little is known. @param lead see `leadOf` */
  of(name: string, lead: number): number {
    const usual = this.#usual.get(name);
    return usual === undefined || usual.count < ENOUGH ? 0 : (lead - usual.mean) / Math.sqrt(Math.max(LEAST, usual.variance));
  }

  learn(name: string, lead: number): void {
    if (this.#usual.size === MAX_CLASSES && !this.#usual.has(name)) return;
    const usual = this.#usual.get(name) ?? { key: this.#usual.size, count: 0, mean: lead, variance: BEGIN };
    const difference = lead - usual.mean;
    usual.count += 1;
    usual.mean += difference / Math.min(usual.count, SPAN);
    usual.variance += (difference * difference - usual.variance) / Math.min(usual.count + WORTH, SPAN);
    this.#usual.set(name, usual);
    this.#changed.add(name);
  }

  *takeChanges(): Iterable<readonly [number, Uint8Array]> {
    for (const name of this.#changed) {
      const usual = this.#usual.get(name);
      if (usual !== undefined) yield [usual.key, new Packer().text(name).f64(usual.count, usual.mean, usual.variance).done()];
    }
    this.#changed.clear();
  }

  /** To be called in order of key. */
  restoreRow(key: number, value: Uint8Array): void {
    const from = new Unpacker(value);
    this.#usual.set(from.text(), { key, count: from.f64(), mean: from.f64(), variance: from.f64() });
  }
}
