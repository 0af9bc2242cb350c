import { describe, expect, test } from 'vitest';
import { Breadth } from '../../../../operators/state/breadth.ts';
import { uniform } from '../../../../operators/state/hash.ts';
import { Variety } from '../../../../operators/state/variety.ts';
import { D, embeddingOf } from '../../../support/streams.ts';

/** A partition that sees kinds of its own. */
class Camera {
  readonly variety = new Variety(D);
  readonly breadth = new Breadth(D);
  readonly #kinds: readonly number[];

  constructor(kinds: readonly number[]) {
    this.#kinds = kinds;
  }

  item(i: number): Float32Array {
    const kind = Math.floor(uniform(i, `of ${this.#kinds[0]}`) * this.#kinds.length);
    return embeddingOf(1, i, { kind: this.#kinds[kind] as number, jitter: 0.5 });
  }

  see(x: Float32Array): void {
    this.breadth.learn(x, this.variety);
    this.variety.learn(x);
  }

  get dimension(): number {
    return this.breadth.effectiveDimension(this.variety) ?? NaN;
  }
}

const cameras = (): readonly Camera[] => [[0, 1], [2, 3, 4, 5, 6], Array.from({ length: 40 }, (_, i) => 100 + i)].map((kinds) => new Camera(kinds));

function tellAll(all: readonly Camera[]): void {
  const told = all.map(({ breadth, variety }) => breadth.tell(variety));
  for (const [hearer, { breadth }] of all.entries()) told.forEach((news, teller) => teller !== hearer && breadth.hear(teller, news));
}

/** Each sees so many items of its own, in turn. */
function watch(all: readonly Camera[], from: number, to: number, every = 20): void {
  for (let i = from; i < to; i++) {
    for (const camera of all) camera.see(camera.item(i));
    if (i % every === every - 1) tellAll(all);
  }
}

describe('the effective dimension of what all partitions see', () => {
  test('is about what one finds that sees everything, for each of them', () => {
    const all = cameras();
    watch(all, 0, 2000);
    const one = new Variety(D);
    for (let i = 0; i < 2000; i++) for (const camera of all) one.learn(camera.item(i));
    const whole = one.effectiveDimension ?? NaN;
    for (const { dimension } of all) expect(Math.abs(dimension / whole - 1)).toBeLessThan(0.15);
    expect(all[0]?.variety.effectiveDimension).toBeLessThan(0.5 * whole);
  });

  test('is that of its own for one who is told nothing', () => {
    const [camera = new Camera([])] = cameras();
    watch([camera], 0, 300);
    expect(camera.dimension).toBe(camera.variety.effectiveDimension);
    expect(new Breadth(D).effectiveDimension(new Variety(D))).toBeNull();
    expect(new Breadth(D).tell(new Variety(D))).toBeNull();
  });

  test('is not moved by news that was overtaken, or of another model', () => {
    const all = cameras();
    watch(all, 0, 115);
    const [camera, other] = all as readonly [Camera, Camera];
    const late = other.breadth.tell(other.variety);
    expect(late).not.toBeNull();
    watch(all, 115, 200);
    const before = camera.dimension;
    camera.breadth.hear(1, late);
    camera.breadth.hear(2, { seen: 10_000, mean: new Float32Array(8), item: new Float32Array(8), square: 1 });
    camera.breadth.hear(2, null);
    expect(camera.dimension).toBe(before);
  });

  test('does not follow one picture of a partition that fell silent', () => {
    const of = (further: number): number => {
      const all = cameras();
      watch(all, 0, 400);
      const [camera, other] = all as readonly [Camera, Camera];
      // As far out as no picture is.
      const item = camera.item(0).map((value) => 10 * value);
      camera.breadth.hear(1, { seen: 1000, mean: Float32Array.from(other.variety.mean), item, square: 0.1 });
      const { dimension } = camera;
      for (let i = 0; i < further; i++) camera.breadth.learn(camera.item(i), camera.variety);
      return dimension / camera.dimension;
    };
    expect(of(64)).toBeGreaterThan(1.1);
    expect(of(1000)).toBeLessThan(of(64) * 1.1);
  });

  test('is told again when the items seen have grown by a tenth, or by 500', () => {
    const camera = new Camera([0, 1]);
    const told: number[] = [];
    for (let i = 1; i <= 6000; i++) {
      camera.see(camera.item(i % 50));
      const news = camera.breadth.tell(camera.variety);
      if (news !== null) told.push(news.seen);
    }
    expect(told.slice(0, 12)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13]);
    for (const [n, seen] of told.entries()) {
      const last = told[n - 1];
      if (last !== undefined) expect(seen - last).toBe(Math.ceil(Math.min(last / 10, 500)));
    }
    expect(told.at(-1)).toBeGreaterThan(5500);
  });

  test('restored is what it was, bit for bit, and goes on so', () => {
    const all = cameras();
    watch(all, 0, 290);
    const [camera, second, third] = all as readonly [Camera, Camera, Camera];
    // Heard of in another order than that of their numbers.
    const last = [third, second].map(({ breadth, variety }) => breadth.tell(variety));
    const heard = new Breadth(D);
    for (const [n, news] of last.entries()) heard.hear(2 - n, news);
    for (let i = 0; i < 100; i++) heard.learn(camera.item(i), camera.variety);
    for (const breadth of [camera.breadth, heard]) {
      const told = breadth.tell(camera.variety);
      expect(told).not.toBeNull();
      const again = restored(breadth);
      expect(again.effectiveDimension(camera.variety)).toBe(breadth.effectiveDimension(camera.variety));
      expect(again.tell(camera.variety)).toBeNull();
      for (let i = 290; i < 350; i++) {
        for (const one of [breadth, again]) one.learn(camera.item(i), camera.variety);
        camera.variety.learn(camera.item(i));
      }
      expect(again.tell(camera.variety)).toEqual(breadth.tell(camera.variety));
      expect(breadth.tell(camera.variety)).toBeNull();
    }
  });

  test('is told at once by one restored from a state that does not say what was told', () => {
    const all = cameras();
    watch(all, 0, 300);
    const [camera] = all as readonly [Camera];
    const again = restored(camera.breadth, (value) => value.subarray(0, -8));
    expect(again.effectiveDimension(camera.variety)).toBe(camera.dimension);
    expect(again.tell(camera.variety)?.seen).toBe(300);
  });
});

/** @param own makes another of the record of key 0 */
function restored(breadth: Breadth, own = (value: Uint8Array): Uint8Array => value): Breadth {
  const again = new Breadth(D);
  for (const { key, value } of [...breadth.takeChanges()].sort((a, b) => a.key - b.key)) if (value !== null) again.restoreRow(key, key === 0 ? own(value) : value);
  return again;
}
