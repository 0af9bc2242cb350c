/** Corrected labels: there and back again is as if nothing had been; and whatever happens between, a restored engine goes on as the one that was left. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Unpacker } from '../../operators/state/codec.ts';
import type { LateLabel } from '../../operators/state/late-label.ts';
import { LaneHost } from '../support/lane-host.ts';
import { items, settings, type Spec } from '../support/streams.ts';

const COUNT = 60;
/** By how much a count of one fades at most within so many items; what is counted anew counts in full. */
const FADED = 0.01;
const specs: readonly Spec[] = Array.from({ length: 2 * COUNT }, (_, i) => ({ kind: i % 4, jitter: 0.3, label: `class ${i % 4}` }));
const label = (seq: number, name: string): LateLabel => ({ id: `item-${seq}`, classes: [name], letter: new Uint8Array() });

/** Decayed counts of the classes, as the changelog has them. */
function counts(host: LaneHost): ReadonlyMap<string, number> {
  const rows = host.state.filter((line) => line.startsWith('class/')).map((line) => new Unpacker(new Uint8Array(Buffer.from(line.split(' ')[1] ?? '', 'base64'))));
  return new Map(rows.map((row) => [row.text(), row.f64()]));
}
const rowsOf = (host: LaneHost, kind: string): readonly string[] => host.state.filter((line) => line.startsWith(`${kind}/`));

const some = fc.uniqueArray(fc.record({ seq: fc.nat({ max: COUNT - 1 }), to: fc.constantFrom('class 0', 'class 1', 'class 3', 'new') }), { selector: ({ seq }) => seq, minLength: 1, maxLength: 8 });

test('there and back again, admitted items count as before, and show what they showed', async () => {
  await fc.assert(
    fc.asyncProperty(some, async (corrections) => {
      const host = new LaneHost(settings({ budget: 0.5, lateLabels: true }));
      await host.decide(items(1, specs.slice(0, COUNT)));
      const [before, admitted] = [counts(host), rowsOf(host, 'admitted')];
      await host.label(corrections.map(({ seq, to }) => label(seq, to)));
      await host.label(corrections.map(({ seq }) => label(seq, `class ${seq % 4}`)));
      expect(rowsOf(host, 'admitted')).toEqual(admitted);
      // What is believed may differ by then: a correction back may be in doubt, and no more than those that were corrected.
      const amended = new Map(host.batches.flatMap(({ amends }) => amends.map(({ seq, review }) => [seq, review])));
      const doubted = [...amended].filter(([, review]) => review).length;
      let apart = 0;
      for (const [name, count] of counts(host)) apart += Math.abs(count - (before.get(name) ?? 0));
      expect(apart).toBeLessThanOrEqual(doubted + [...amended].filter(([seq, review]) => !review && host.decisions[seq]?.review === true).length + FADED * corrections.length);
    }),
    { numRuns: 20 },
  );
}, 60_000);

test('a restored engine goes on behind corrections, of admitted and rejected items, as the one that was left', async () => {
  await fc.assert(
    fc.asyncProperty(some, async (corrections) => {
      const hosts = [new LaneHost(settings({ budget: 0.5, lateLabels: true })), new LaneHost(settings({ budget: 0.5, lateLabels: true }))];
      for (const [i, host] of hosts.entries()) {
        await host.decide(items(1, specs.slice(0, COUNT)));
        await host.label(corrections.map(({ seq, to }) => label(seq, to)));
        if (i === 1) await host.reopen();
        await host.decide(items(1, specs).slice(COUNT));
      }
      expect(hosts[1]?.decisions).toEqual(hosts[0]?.decisions);
      expect(hosts[1]?.state).toEqual(hosts[0]?.state);
    }),
    { numRuns: 10 },
  );
}, 60_000);
