import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../../pipelines/config/policy.ts';
import { parsePolicy, readPolicy } from '../../../../pipelines/config/read-policy.ts';
import { SluiceError } from '../../../../schemas/errors.ts';
import { newFolder } from '../../../support/folders.ts';

/** The faults of a text, one a line. */
function faultsOf(text: string): readonly string[] {
  try {
    parsePolicy(text, 'p.yaml');
  } catch (thrown) {
    if (!(thrown instanceof SluiceError)) throw thrown;
    expect(thrown.code).toBe('SLUICE_E_CONFIG_INVALID');
    return thrown.message.split('\n');
  }
  return [];
}

describe('a policy file', () => {
  test('sets what it names', () => {
    const policy = parsePolicy('weights:\n  noise: 0 # ranks strictly\nbudget: {reserve: 0.2}\n', 'p.yaml');
    expect(policy).toEqual({ ...DEFAULT_POLICY, weights: { ...DEFAULT_POLICY.weights, noise: 0 }, budget: { ...DEFAULT_POLICY.budget, reserve: 0.2 } });
  });

  test.for(['', '# nothing\n', '---\n', '{}'])('that says nothing (%j) gives the defaults', (text) => {
    expect(parsePolicy(text, 'p.yaml')).toEqual(DEFAULT_POLICY);
  });

  test('has all its faults told at once, from top to bottom, at the value, or at the name of a setting that there is not', () => {
    const text = ['weigths:', '  novelty: 1', 'weights:', '  noise: 1000', '  nois:', '    3', 'budget: 3', 'clusters: {max: 2.5, min: 1}'].join('\n');
    expect(faultsOf(text).map((line) => line.split(': ').slice(0, 2).join(': '))).toEqual([
      'p.yaml:1:1: weigths',
      'p.yaml:4:10: weights.noise',
      'p.yaml:5:3: weights.nois',
      'p.yaml:7:9: budget',
      'p.yaml:8:17: clusters.max',
      'p.yaml:8:22: clusters.min',
    ]);
    expect(faultsOf(text)[0]).toBe('p.yaml:1:1: weigths: there is no such setting (did you mean weights?)');
  });

  test.for([
    ['weights: [1', /^p\.yaml:1:12: /],
    ['weights:\n  noise: 1\n  noise: 2\n', /^p\.yaml:3:3: .*unique/],
    ['weights: *gone\n', /^p\.yaml:1:10: .*alias \*gone/],
    ['a: 1\n---\nb: 2\n', /^p\.yaml:2:1: .*one document/],
    ['weights: \t{noise: 1\n', /^p\.yaml:\d+:\d+: /],
    ['- 1\n', /^p\.yaml:1:1: .*expected object/],
    ['just words', /^p\.yaml:1:1: .*expected object/],
    ['weights:\n', /^p\.yaml:1:\d+: weights: .*expected object, received null/],
    ['weights: {noise: .nan}', /^p\.yaml:1:18: weights\.noise: /],
    ['weights: {noise: .inf}', /^p\.yaml:1:18: weights\.noise: /],
  ] as const)('broken as %j: place and cause', ([text, fault]) => {
    const faults = faultsOf(text);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults[0]).toMatch(fault);
  });

  test('names targets: of a class or a stream, as a count or a share', () => {
    const text = 'targets:\n  - class: bicycle\n    count: 200\n  - {stream: gate 3, share: 0.2}\n';
    expect(parsePolicy(text, 'p.yaml')).toEqual({ ...DEFAULT_POLICY, targets: [{ class: 'bicycle', count: 200 }, { stream: 'gate 3', share: 0.2 }] });
  });

  test.for([
    ['targets: [{class: a, stream: b, count: 1}]', 'p.yaml:1:11: targets.0: give either class or stream'],
    ['targets: [{count: 1}]', 'p.yaml:1:11: targets.0: give either class or stream'],
    ['targets:\n  - class: a\n', 'p.yaml:2:5: targets.0: give either count or share'],
    ['targets: [{class: a, count: 1, share: 0.5}]', 'p.yaml:1:11: targets.0: give either count or share'],
    ['targets:\n  - {class: a, count: 1}\n  - {stream: a, count: 1}\n  - {class: a, share: 0.1}\n', 'p.yaml:4:5: targets.2: there is a target for it already'],
    ['targets:\n  - {stream: a, share: 0.5}\n  - {class: a, share: 0.9}\n  - {stream: b, share: 0.6}\n', 'p.yaml:4:24: targets.2.share: the shares of the streams are more than 1 together'],
  ] as const)('targets that cannot be meant (%j): place and cause', ([text, fault]) => {
    expect(faultsOf(text)).toEqual([fault]);
  });

  test.for([
    ['targets: [{class: 7, count: 1}]', /^p\.yaml:1:19: targets\.0\.class: .*quotes/],
    ['targets: [{class: a, count: 0}]', /^p\.yaml:1:29: targets\.0\.count: /],
    ['targets: [{class: a, count: 1.5}]', /^p\.yaml:1:29: targets\.0\.count: /],
    ['targets: [{class: a, share: 0}]', /^p\.yaml:1:29: targets\.0\.share: /],
    ['targets: [{clas: a, share: 0.1}]', /^p\.yaml:1:12: targets\.0\.clas: .*did you mean class\?/],
  ] as const)('targets broken as %j: place and cause', ([text, fault]) => {
    expect(faultsOf(text).some((line) => fault.test(line))).toBe(true);
  });

  test('cannot blow up by aliases', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x]', ...Array.from({ length: 12 }, (_, i) => `${'bcdefghijklm'[i]}: &${'bcdefghijklm'[i]} [${Array(9).fill(`*${'abcdefghijkl'[i]}`).join(', ')}]`)];
    const faults = faultsOf(lines.join('\n'));
    expect(faults.length).toBe(101);
    expect(faults[100]).toBe('p.yaml: and 8 faults more');
    expect(faults[0]).toBe('p.yaml:2:8: write the value itself in place of the alias *a');
  });

  test('that is not there is a fault that names it', () => {
    expect(() => readPolicy('/nowhere/p.yaml')).toThrow(new SluiceError('SLUICE_E_CONFIG_INVALID', 'the policy file /nowhere/p.yaml could not be read (ENOENT)'));
    const file = join(newFolder(), 'p.yaml');
    writeFileSync(file, 'audit: {review: 0.9}');
    expect(readPolicy(file).audit.review).toBe(0.9);
  });
});
