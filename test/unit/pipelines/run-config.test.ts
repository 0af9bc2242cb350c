import { describe, expect, test } from 'vitest';
import type { RunConfig } from '../../../infra/store/types.ts';
import { DEFAULT_POLICY } from '../../../pipelines/config/policy.ts';
import { checkUnchanged, differences } from '../../../pipelines/run-config.ts';
import { SluiceError } from '../../../schemas/errors.ts';

const WAS: RunConfig = { source: 'folder:/a', policy: JSON.stringify(DEFAULT_POLICY), seed: 1, model: 'm#1', purpose: 'train', budget: '0.25', per: 'fleet', fit: 'crop', reveal: 'never', labels: null, predictions: null, validationShare: 0, guard: null, known: null, objects: 'off', gate: 'off' };

function thrownBy(work: () => void): SluiceError | null {
  try {
    work();
    return null;
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown;
    throw thrown;
  }
}

describe('differences', () => {
  test('each setting that differs, those of the policy by their path; another source is none', () => {
    const policy = JSON.stringify({ ...DEFAULT_POLICY, weights: { ...DEFAULT_POLICY.weights, noise: 0 }, audit: { ...DEFAULT_POLICY.audit, review: 0.75 } });
    const now: RunConfig = { source: 'csv:/b', policy, seed: 2, model: 'm#2', purpose: 'validation', budget: '0.5', per: 'stream', fit: 'squash', reveal: 'all', labels: null, predictions: null, validationShare: 0.2, guard: '/g', known: '/k', objects: '32', gate: 'auto' };
    expect(differences(WAS, now)).toEqual([
      'seed: 1 -> 2',
      'model: m#1 -> m#2',
      'purpose: train -> validation',
      'budget: 0.25 -> 0.5',
      'budget-per: fleet -> stream',
      'fit: crop -> squash',
      'reveal: never -> all',
      'validation-share: 0 -> 0.2',
      'guard: none -> /g',
      'known: none -> /k',
      'objects: off -> 32',
      'gate: off -> auto',
      `policy.weights.noise: ${DEFAULT_POLICY.weights.noise} -> 0`,
      `policy.audit.review: ${DEFAULT_POLICY.audit.review} -> 0.75`,
    ]);
  });

  test('a setting that another version did not know, and the order of settings', () => {
    const { memory, ...rest } = DEFAULT_POLICY;
    expect(differences(WAS, { ...WAS, policy: JSON.stringify({ memory, ...rest }) })).toEqual([]);
    expect(differences({ ...WAS, policy: JSON.stringify(rest) }, WAS)).toEqual([`policy.memory.max: unset -> ${memory.max}`]);
    expect(differences(WAS, { ...WAS, policy: JSON.stringify(rest) })).toEqual([`policy.memory.max: ${memory.max} -> unset`]);
  });
});

describe('checkUnchanged', () => {
  test('a new folder takes everything, the same settings and another source are no change', () => {
    for (const was of [null, WAS, { ...WAS, source: 'csv:/b' }]) expect(thrownBy(() => checkUnchanged(was, WAS, false))).toBeNull();
  });

  test('a change is refused with every difference, unless it is wanted', () => {
    const now = { ...WAS, seed: 2, budget: '0.5' };
    const error = thrownBy(() => checkUnchanged(WAS, now, false));
    expect(error).toMatchObject({ code: 'SLUICE_E_CONFIG_CHANGED', exit: 78, message: 'this folder was made with other settings:\nseed: 1 -> 2\nbudget: 0.25 -> 0.5' });
    expect(thrownBy(() => checkUnchanged(WAS, now, true))).toBeNull();
  });

  test('another model is refused, and where a change is wanted only if there are no pictures to embed again', () => {
    const now = { ...WAS, model: 'm#2' };
    const partition = { what: 'partition 3', anew: 'give another name', pictures: false };
    expect(thrownBy(() => checkUnchanged(WAS, now, false))).toMatchObject({ code: 'SLUICE_E_CONFIG_CHANGED', message: expect.stringContaining('--change embeds its pictures again (docs/embeddings.md), or give another --out:\nmodel: m#1 -> m#2') as string });
    expect(thrownBy(() => checkUnchanged(WAS, now, true))).toBeNull();
    for (const change of [false, true]) expect(thrownBy(() => checkUnchanged(WAS, now, change, partition))).toMatchObject({ code: 'SLUICE_E_CONFIG_CHANGED', message: expect.stringMatching(/^partition 3 was made with another model, .* give another name:\nmodel: m#1 -> m#2$/s) as string });
  });
});
