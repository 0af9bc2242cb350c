import type { KafkaMessage } from 'kafkajs';
import { expect, test } from 'vitest';
import { letterOf } from '../../../../pipelines/replay/letter.ts';

const headers = {
  camera: Buffer.from('front'),
  twice: [Buffer.from('a'), Buffer.from('b')],
  '__connect.errors.topic': Buffer.from('samples'),
  '__connect.errors.partition': Buffer.from('2'),
  '__connect.errors.offset': Buffer.from('41'),
  '__connect.errors.exception.class.name': Buffer.from('SLUICE_E_OBJECT_MISSING'),
  '__connect.errors.exception.message': Buffer.from('the file is not there'),
  '__sluice.id': Buffer.from('a.jpg'),
  '__sluice.seq': Buffer.from('7'),
  '__sluice.event': Buffer.from('p/2/7/dead'),
};
const message = (part: Readonly<Record<string, Buffer | undefined>> = {}): KafkaMessage => ({ key: Buffer.from('k'), value: Buffer.from('v'), timestamp: '0', attributes: 0, offset: '9', headers: { ...headers, ...part } });
const inputs = ['samples', 'labels'];

test('a letter is the message it was, with one attempt more', () => {
  const letter = letterOf(2, message(), inputs);
  expect(letter).toEqual({
    partition: 2,
    offset: 9n,
    id: 'a.jpg',
    code: 'SLUICE_E_OBJECT_MISSING',
    cause: 'the file is not there',
    attempts: 0,
    back: { topic: 'samples', key: Buffer.from('k'), value: Buffer.from('v'), headers: { camera: headers.camera, twice: headers.twice, '__sluice.attempt': '1' } },
  });
  expect(letterOf(2, message({ '__sluice.attempt': Buffer.from('2') }), inputs)).toMatchObject({ attempts: 2, back: { headers: { '__sluice.attempt': '3' } } });
  expect(letterOf(2, message({ '__sluice.attempt': Buffer.from('-1') }), inputs)?.attempts).toBe(0);
});

test.each([
  ['of another topic', { '__connect.errors.topic': Buffer.from('payments') }, 2],
  ['of another partition', {}, 1],
  ['with a code that is none', { '__connect.errors.exception.class.name': Buffer.from('java.lang.Error') }, 2],
  ['without headers', Object.fromEntries(Object.keys(headers).map((name) => [name, undefined])), 2],
])('a message %s is no letter of ours', (_, part, partition) => {
  expect(letterOf(partition, message(part), inputs)).toBeNull();
});
