/** What is usual of a camera, and its nights, outlive the process. */
import { beforeAll, expect, test } from 'vitest';
import { glimpseOf, type Glimpse } from '../../../../../operators/state/camera/glimpse.ts';
import { Health } from '../../../../../operators/state/camera/health.ts';
import { see } from '../../../../../operators/state/camera/sight.ts';
import { Usual } from '../../../../../operators/state/camera/usual.ts';
import { Packer, Unpacker } from '../../../../../operators/state/codec.ts';
import { DAMAGE, demoFrames, seen } from '../../../../support/camera.ts';

const DAY = 86_400_000;
let well: readonly Glimpse[] = [];
let dark: readonly Glimpse[] = [];

beforeAll(async () => {
  const files = demoFrames('door').slice(0, 50);
  [well, dark] = [(await seen(files)).flatMap((small) => glimpseOf(small) ?? []), (await seen(files.slice(0, 10), DAMAGE.dark)).flatMap((small) => glimpseOf(small) ?? [])];
});

/** One that takes up what another has packed. */
function again<T extends { pack(out: Packer): void; restore(from: Unpacker): void }>(one: T, other: T): T {
  const out = new Packer();
  one.pack(out);
  other.restore(new Unpacker(out.done()));
  return other;
}

test('a frame stands beside what was taken up as beside what it was', () => {
  const usual = new Usual();
  for (const glimpse of well.slice(0, 49)) usual.learn(see(glimpse));
  const restored = again(usual, new Usual());
  for (const glimpse of [...well.slice(49), ...dark]) expect(restored.beside(see(glimpse))).toEqual(usual.beside(see(glimpse)));
  expect(restored.known).toBe(true);
});

test('three nights are told, the further ones are usual, also to a process that was started anew each morning', () => {
  let health = new Health();
  const told: number[] = [];
  for (let day = 0; day < 6; day++) {
    well.forEach((glimpse, i) => expect(health.take(glimpse, day * DAY + i * 1000)).toEqual([]));
    dark.forEach((glimpse, i) => {
      if (health.take(glimpse, day * DAY + DAY / 2 + i * 1000).includes('dark')) told.push(day);
    });
    health = again(health, new Health());
  }
  expect(told).toEqual([0, 1, 2]);
});
