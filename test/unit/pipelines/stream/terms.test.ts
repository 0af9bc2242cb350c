import { expect, test } from 'vitest';
import { settingsOf } from '../../../../pipelines/run-config.ts';
import { checkTerms, newTerms, termsIn, type FoundTerms } from '../../../../pipelines/stream/terms.ts';
import { settings } from '../../../support/streams.ts';

const NOW = { partitions: 4, settings: settingsOf(settings(), { model: 'm#1', fit: 'crop', objects: 0 }) };
const OTHER = { partitions: 4, settings: settingsOf(settings({ seed: 7, reveal: { when: 'admitted', after: 200 } }), { model: 'm#1', fit: 'squash', objects: 0 }) };
const NOTHING: FoundTerms = { partitions: null, settings: null };

test('a changelog that does not say them is taken over, and says them from then on', () => {
  const item = { kind: 'item', key: 3, value: new Uint8Array([1]) };
  expect(termsIn([item])).toEqual({ was: NOTHING, state: [item] });
  expect(() => checkTerms(NOTHING, NOW, 2, false)).not.toThrow();
  const { was, state } = termsIn([...newTerms(NOTHING, NOW, 17), item]);
  expect({ was, state }).toEqual({ was: NOW, state: [item] });
  expect(newTerms(was, NOW, 18)).toEqual([]);
});

test('of several settings those hold that came last, whatever their order in the topic', () => {
  const records = [...newTerms(NOTHING, NOW, 9), ...newTerms(NOW, OTHER, 100)];
  expect(records.map(({ kind, key }) => `${kind}/${key}`)).toEqual(['partitions/0', 'settings/9', 'settings/100']);
  for (const order of [records, [...records].reverse()]) expect(termsIn(order).was).toEqual(OTHER);
});

test('another number of partitions is refused, also where a change is wanted: it names both', () => {
  for (const change of [false, true]) {
    expect(() => checkTerms(NOW, { ...NOW, partitions: 6 }, 2, change)).toThrow(expect.objectContaining({ code: 'SLUICE_E_TOPICS', retriable: false, message: expect.stringMatching(/^Partition 2 .* one of 4, and there are 6 /) as string }));
  }
});

test('other settings are refused by name unless they are wanted, another model always', () => {
  const message = 'partition 2 was made with other settings:\nseed: 0 -> 7\nfit: crop -> squash\nreveal: all -> admitted:200';
  expect(() => checkTerms(NOW, OTHER, 2, false)).toThrow(expect.objectContaining({ code: 'SLUICE_E_CONFIG_CHANGED', retriable: false, message }));
  expect(() => checkTerms(NOW, OTHER, 2, true)).not.toThrow();
  const model = { ...NOW, settings: { ...NOW.settings, model: 'm#2' } };
  for (const change of [false, true]) expect(() => checkTerms(NOW, model, 2, change)).toThrow(expect.objectContaining({ code: 'SLUICE_E_CONFIG_CHANGED', message: expect.stringContaining('model: m#1 -> m#2') as string }));
});
