/** The decisions on a stored stream are those they were: a change of the engine that means none is seen by its leaving them alone. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Policy } from '../../operators/state/policy.ts';
import { DEFAULT_POLICY } from '../../pipelines/config/policy.ts';
import { decided, GOLDEN, RUNS } from './decisions.ts';

if (process.env['UPDATE_GOLDEN'] === '1') {
  const runs = await Promise.all(Object.entries(RUNS).map(async ([name, run]) => [`# ${name}`, ...(await decided(run))]));
  writeFileSync(GOLDEN, `${runs.flat().join('\n')}\n`);
}

/** Lines of the golden file, by run. */
const golden = new Map(
  readFileSync(GOLDEN, 'utf8')
    .split('# ')
    .slice(1)
    .map((part) => part.trimEnd().split('\n'))
    .map(([name = '', ...lines]) => [name, lines]),
);

test('each run has its lines, in which each reason is known', () => {
  expect([...golden.keys()]).toEqual(Object.keys(RUNS));
  for (const lines of golden.values()) expect(lines.join('\n')).not.toContain('?');
});

test.each(Object.entries(RUNS))('%s', async (name, run) => {
  expect(await decided(run)).toEqual(golden.get(name));
});

test.each(Object.keys(DEFAULT_POLICY.weights) as (keyof Policy['weights'])[])('a tenth more weight on %s is seen', async (weight) => {
  const { weights } = DEFAULT_POLICY;
  const name = 'labels with the sample';
  const lines = await decided(RUNS[name] ?? { settings: {} }, { ...DEFAULT_POLICY, weights: { ...weights, [weight]: 1.1 * weights[weight] } });
  expect(lines).not.toEqual(golden.get(name));
});
