import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Hold, type Sign } from '../../../../../operators/state/camera/hold.ts';
import { Nights } from '../../../../../operators/state/camera/nights.ts';
import { Packer, Unpacker } from '../../../../../operators/state/codec.ts';

const NEEDED = { frames: 3, span: 1000, untimed: 5 };
const DAY = 86_400_000;

/** Places where the state begins, and whether it is on at the end. @param text b, w and - for beyond, well and between */
function run(text: string, timeOf: (i: number) => number | null): { readonly begun: readonly number[]; readonly on: boolean } {
  const hold = new Hold(NEEDED);
  const signs: Record<string, Sign> = { b: 'beyond', w: 'well', '-': 'between' };
  const begun = Array.from(text, (letter, i) => hold.step(signs[letter] ?? 'between', timeOf(i))).flatMap((begins, i) => (begins ? [i] : []));
  return { begun, on: hold.on };
}

test.for([
  ['frames in a row', 'bbwbbbbb', 500, [5], true],
  ['what says nothing breaks a row', 'bb-bbwww', 500, [], false],
  ['enough frames, but not for so long', 'bbbbbbb', 100, [], false],
  ['long, but not enough frames', 'bb', 5000, [], false],
  ['ends alike', 'bbbwwbww', 500, [2], true],
  ['begins again only once it has ended', 'bbbwwbbbwwwbbb', 500, [2, 13], true],
] as const)('%s', ([, text, step, begun, on]) => {
  expect(run(text, (i) => i * step)).toEqual({ begun, on });
});

test('frames without times count alone', () => {
  expect(run('bbbbb', () => null)).toEqual({ begun: [4], on: true });
  expect(run('bbbb', () => null)).toEqual({ begun: [], on: false });
});

test('what is packed and taken up goes on as before', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom<Sign>('beyond', 'between', 'well'), fc.integer({ min: 0, max: 900 }))), fc.nat(), (steps, cut) => {
      let time = 0;
      const timed = steps.map(([sign, dt]) => [sign, (time += dt)] as const);
      const whole = new Hold(NEEDED);
      let parted = new Hold(NEEDED);
      timed.forEach(([sign, at], i) => {
        if (i === cut % (timed.length + 1)) {
          const out = new Packer();
          parted.pack(out);
          parted = new Hold(NEEDED);
          parted.restore(new Unpacker(out.done()));
        }
        expect(parted.step(sign, at)).toBe(whole.step(sign, at));
      });
    }),
  );
});

test('dark spells that come night after night are usual from the fourth on, and no longer once they have stayed away', () => {
  const nights = new Nights();
  const known = Array.from({ length: 5 }, (_, day) => {
    const usual = nights.usual(day * DAY);
    nights.end(day * DAY + DAY / 3);
    return usual;
  });
  expect(known).toEqual([false, false, false, true, true]);
  expect(nights.usual(30 * DAY)).toBe(false);
});

test('a lamp that goes off and on all day makes no nights', () => {
  const nights = new Nights();
  for (let i = 0; i < 100; i++) nights.end(i * 1000);
  expect(nights.usual(100_000)).toBe(false);
});
