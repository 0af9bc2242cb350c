import { expect, test } from 'vitest';
import { Purses } from '../../../../operators/state/purses.ts';

const SETTINGS = { budget: 0.25, reserve: 0.1, burst: 50 };

/** Decides n items of a stream, nothing of which is worth it. */
function pass(purses: Purses, stream: string, n: number): void {
  for (let i = 0; i < n; i++) {
    const purse = purses.of(stream);
    purse.next({ now: null, part: 1, moved: 0 });
    purse.settle(false, false, false, 0);
  }
}

function changed(from: Purses, per: 'fleet' | 'stream'): Purses {
  const to = new Purses(SETTINGS, per);
  for (const change of [...from.takeChanges()].sort((a, b) => a.key - b.key)) to.restore(change);
  return to;
}

test('a stream does not take up what all streams had before each got its own, nor the other way round', () => {
  const fleet = new Purses(SETTINGS, 'fleet');
  pass(fleet, 'gate', 100);
  expect(fleet.unspent).toBeGreaterThan(20);
  const each = changed(fleet, 'stream');
  expect(each.unspent).toBe(0);
  pass(each, 'gate', 4);
  pass(each, 'yard', 4);
  expect(each.of('gate').tokens).toBe(each.of('yard').tokens);
  expect(each.unspent).toBeLessThan(4);
  const again = changed(each, 'fleet');
  pass(again, 'gate', 4);
  expect(again.of('gate').tokens).toBe(each.of('gate').tokens);
});
