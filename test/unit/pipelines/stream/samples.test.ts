import type { KafkaMessage } from 'kafkajs';
import { expect, test } from 'vitest';
import { arrivalOf } from '../../../../pipelines/stream/samples.ts';
import { vectorBytes } from '../../../../schemas/records-vector.ts';
import type { SampleRecord } from '../../../../schemas/records.ts';

const message = { key: null, value: Buffer.from('v'), timestamp: '0', attributes: 0, offset: '17', headers: {} } as KafkaMessage;

function arrivalWith(uri: string, embedding: Buffer | null): ReturnType<typeof arrivalOf> {
  const record: SampleRecord = { id: 'x', stream: 's', time: null, image: { 'sluice.ImageReference': { uri, sha256: null } }, label: null, predictions: null, embedding, origin: null };
  return arrivalOf({ topic: 'samples', partition: 2 }, message, () => record, 4);
}

test.each([['an embedding', vectorBytes(Float32Array.of(1, 0, 0, 0))], ['none', null]])('a reference of a sample with %s is as long as a decision can repeat, or the sample is a dead letter', async (_, embedding) => {
  const longest = `https://a/${'x'.repeat(8182)}`;
  expect((await arrivalWith(longest, embedding)).entry).toMatchObject({ sample: { uri: longest } });
  expect((await arrivalWith(`${longest}x`, embedding)).entry).toEqual({ id: 'x', error: expect.objectContaining({ code: 'SLUICE_E_REFERENCE_REFUSED' }) });
});

test.each([
  [null, {}],
  ['[]', { predicted: [] }],
  ['[{"class": "cat", "bbox": [0, 0, 0.5, 0.5], "relative": true, "score": 0}]', { predicted: [{ class: 'cat', bbox: [0, 0, 0.5, 0.5], relative: true, score: 0 }] }],
  ['[{"class": "cat", "bbox": [0, 0, 5, 5]}]', { predicted: [], faults: [{ code: 'SLUICE_E_ANNOTATION_SCORE', count: 1, causes: ['predictions: box 0: "score" is to be a number from 0 to 1'] }] }],
  ['[{"class": "cat", "score": 1}]', { predicted: [], faults: [expect.objectContaining({ code: 'SLUICE_E_ANNOTATION_BOX' })] }],
])('predictions %s', async (predictions, part) => {
  const sample = { id: 'x', stream: 's', time: null, image: null, label: '"cat"', predictions, embedding: vectorBytes(Float32Array.of(1, 0, 0, 0)), origin: null };
  const { entry } = await arrivalOf({ topic: 'samples', partition: 2 }, message, () => sample, 4);
  expect(entry).toEqual({ sample: { id: 'x', uri: 'kafka:samples/2/17', stream: 's', time: null, label: 'cat', origin: null, ...part } });
});
