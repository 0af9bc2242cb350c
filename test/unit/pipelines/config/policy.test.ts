import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { DEFAULT_POLICY, PolicySpec } from '../../../../pipelines/config/policy.ts';

const { targets: _list, ...groups } = PolicySpec.shape;
const { targets: _none, ...defaults } = DEFAULT_POLICY;

/** Every setting of a group with its spec, by its path. */
const settings: readonly [path: string, spec: z.ZodDefault][] = Object.entries(groups).flatMap(([group, spec]) =>
  Object.entries(spec.unwrap().shape).map(([name, setting]): [string, z.ZodDefault] => [`${group}.${name}`, setting as z.ZodDefault]),
);

function withSetting(path: string, value: unknown): unknown {
  const [group = '', name = ''] = path.split('.');
  return { [group]: { [name]: value } };
}

describe('the policy', () => {
  test('what a file leaves out has its default', () => {
    expect(PolicySpec.parse({})).toEqual(DEFAULT_POLICY);
    const set = PolicySpec.parse({ weights: { noise: 0 } });
    expect(set).toEqual({ ...DEFAULT_POLICY, weights: { ...DEFAULT_POLICY.weights, noise: 0 } });
  });

  test('the settings of one group are all there are: ten groups, each named once', () => {
    expect(settings.map(([path]) => path)).toEqual(Object.entries(defaults).flatMap(([group, values]) => Object.keys(values as object).map((name) => `${group}.${name}`)));
    expect(settings.length).toBeGreaterThan(20);
  });

  test.for(settings)('%s: says what it does, and takes no text, no infinity and nothing below its least value', ([path, spec]) => {
    expect(spec.description).toMatch(/^[A-Z].*\.$/);
    for (const value of ['1', null, NaN, Infinity, -1e-9, -1]) {
      const parsed = PolicySpec.safeParse(withSetting(path, value));
      expect(parsed.success, `${path}: ${String(value)}`).toBe(false);
      expect(parsed.error?.issues.map(({ path: where }) => where.join('.'))).toEqual([path]);
    }
    // Its own default is within its bounds.
    const value = path.split('.').reduce<unknown>((group, name) => (group as Record<string, unknown>)[name], DEFAULT_POLICY);
    expect(PolicySpec.safeParse(withSetting(path, value)).success).toBe(true);
  });

  test('unknown settings and groups are faults', () => {
    expect(PolicySpec.safeParse({ weights: { nois: 1 }, weihgts: {} }).error?.issues.length).toBe(2);
  });
});
