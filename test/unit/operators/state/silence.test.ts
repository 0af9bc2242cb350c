import { expect, test } from 'vitest';
import { Engine } from '../../../../operators/state/engine.ts';
import { externalOf } from '../../../../operators/state/external.ts';
import type { Change } from '../../../../schemas/decision.ts';
import { settings } from '../../../support/streams.ts';

const sampleOf = (stream: string) => ({ id: 'a', uri: 'a', stream, time: 5000, label: null, origin: null });

/** The newest record of each kind and key, as a store has them. */
function kept(changes: readonly Change[]): readonly Change[] {
  return [...new Map(changes.map((change) => [`${change.kind} ${change.key}`, change])).values()].sort((a, b) => (a.kind === b.kind ? a.key - b.key : a.kind < b.kind ? -1 : 1));
}

test('a stream that is silent raises one alert, and another only after something came', () => {
  const engine = new Engine(settings());
  engine.silent('gate', 1000, -1);
  engine.silent('gate', 2000, -1);
  engine.silent('yard', 2000, -1);
  const alert = { id: expect.stringMatching(/^[0-9a-f]{32}$/) as string, kind: 'health.silent', cluster: null, support: 1, exemplars: [], firstSeen: null, growth: null, nearestKnown: null };
  expect(engine.takeRaised()).toEqual([{ ...alert, time: 1000, seq: -1, streams: ['gate'] }, { ...alert, time: 2000, seq: -1, streams: ['yard'] }]);
  engine.arrive({ seq: 0, digest: '', sample: sampleOf('gate') });
  engine.silent('yard', 6000, 0);
  engine.silent('gate', 6000, 0);
  expect(engine.takeRaised()).toEqual([{ ...alert, time: 6000, seq: 0, streams: ['gate'] }]);
  expect(engine.takeRaised()).toEqual([]);
});

test('what is silent stays so over a restart, and stands in the log with its place', () => {
  const engine = new Engine(settings());
  engine.silent('gate', 1000, 7);
  engine.silent('yard', 1000, 7);
  engine.arrive({ seq: 8, digest: '', sample: sampleOf('yard') });
  const changes = kept(engine.takeChanges());
  expect(changes.flatMap((change) => externalOf(change) ?? []).map(({ kind, after }) => [kind, after])).toEqual([['silent', 7], ['silent', 7]]);
  const again = new Engine(settings());
  again.restore(changes, () => new Float32Array());
  again.silent('gate', 9000, 8);
  expect(again.takeRaised()).toEqual([]);
  again.silent('yard', 9000, 8);
  expect(again.takeRaised().map(({ streams }) => streams)).toEqual([['yard']]);
});
