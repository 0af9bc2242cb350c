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
    watch(all, 0, 100);
    const [camera, other] = all as readonly [Camera, Camera];
    const late = other.breadth.tell(other.variety);
    watch(all, 100, 200);
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
      const told = other.breadth.tell(other.variety);
      // As far out as no picture is.
      camera.breadth.hear(1, told === null ? null : { ...told, seen: told.seen + 1, item: camera.item(0).map((value) => 10 * value) });
      const square = camera.breadth.tell(camera.variety)?.square ?? NaN;
      for (let i = 0; i < further; i++) camera.breadth.learn(camera.item(i), camera.variety);
      return (camera.breadth.tell(camera.variety)?.square ?? NaN) / square;
    };
    expect(of(1000)).toBeLessThan(of(64) * 1.1);
  });

  test('restored is what it was, bit for bit, and goes on so', () => {
    const all = cameras();
    watch(all, 0, 310);
    const [camera] = all as readonly [Camera];
    const again = new Breadth(D);
    for (const { key, value } of [...camera.breadth.takeChanges()].sort((a, b) => a.key - b.key)) if (value !== null) again.restoreRow(key, value);
    expect(again.effectiveDimension(camera.variety)).toBe(camera.dimension);
    for (const breadth of [camera.breadth, again]) for (let i = 310; i < 350; i++) breadth.learn(camera.item(i), camera.variety);
    expect(again.tell(camera.variety)).toEqual(camera.breadth.tell(camera.variety));
  });
});
