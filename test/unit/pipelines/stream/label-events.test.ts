import type { KafkaMessage } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { externalOf, ExternalLog } from '../../../../operators/state/external.ts';
import { packLabel } from '../../../../operators/state/late-label.ts';
import { labelEventOf } from '../../../../pipelines/stream/label-events.ts';
import { packLetter, unpackLetter } from '../../../../pipelines/stream/letters.ts';
import { arrivalOf } from '../../../../pipelines/stream/samples.ts';
import { SluiceError } from '../../../../schemas/errors.ts';
import type { LabelRecord } from '../../../../schemas/records.ts';

const PLACE = { topic: 'labels', partition: 2 };

function message(part: Partial<KafkaMessage> = {}): KafkaMessage {
  return { key: Buffer.from('k'), value: Buffer.from('v'), timestamp: '0', attributes: 0, offset: '17', headers: {}, ...part } as KafkaMessage;
}

function eventOf(record: Partial<LabelRecord>, part: Partial<KafkaMessage> = {}): ReturnType<typeof labelEventOf> {
  return labelEventOf(PLACE, message(part), () => ({ id: 'x', stream: 'default', label: '"cat"', time: null, forget: false, ...record }));
}

describe('a label event', () => {
  test('has the classes of its label, sorted and once each, and the message it came in', async () => {
    const boxes = JSON.stringify(['dog', 'cat', 'dog'].map((name) => ({ class: name, bbox: [0, 0, 1, 1] })));
    expect(await eventOf({ label: boxes })).toEqual({ id: 'x', boxes: JSON.parse(boxes) as unknown, classes: ['cat', 'dog'], letter: packLetter('labels', message()) });
    expect(await eventOf({ label: '[]' })).toMatchObject({ classes: [] });
  });

  test.each([
    ['no value', {}, { value: null }, 'SLUICE_E_RECORD_CORRUPT', 'kafka:labels/2/17'],
    ['a label that is no JSON', { label: '{' }, {}, 'SLUICE_E_LABEL_INVALID', 'x'],
    ['a label that says nothing', { label: 'null' }, {}, 'SLUICE_E_LABEL_INVALID', 'x'],
    ['too large a message', {}, { value: Buffer.alloc(256 * 1024) }, 'SLUICE_E_LABEL_INVALID', 'kafka:labels/2/17'],
    ['too long an id', { id: 'x'.repeat(8193) }, {}, 'SLUICE_E_RECORD_CORRUPT', 'kafka:labels/2/17'],
  ])('with %s goes on as one that cannot be understood', async (_, record, part, code, id) => {
    const event = await eventOf(record, part);
    expect({ ...event, letter: null }).toEqual({ id, letter: null, error: expect.objectContaining({ code }) });
    if ('forget' in event) throw new Error('it is understood');
    expect(Buffer.from(event.letter).equals(packLetter('labels', message(part)))).toBe(true);
  });

  test('that asks to forget says nothing else, whatever its label is', async () => {
    expect(await eventOf({ label: '{', forget: true })).toEqual({ id: 'x', forget: true });
  });

  test('as large as one may be fits into a state record of a message of 1 MB', async () => {
    const event = await eventOf({ id: '\u0001'.repeat(8192), label: JSON.stringify('\u0001'.repeat(42_000)) }, { value: Buffer.alloc(255 * 1024) });
    if (!('classes' in event)) throw new Error('it is no label');
    const log = new ExternalLog();
    log.add({ kind: 'label', after: 0, payload: packLabel(event) });
    const [change] = log.takeChanges();
    expect(change === undefined ? null : externalOf(change)?.payload.length).toBeGreaterThan(256 * 1024);
    expect(change?.value?.length).toBeLessThan(900_000);
  });
});

test('a registry that does not answer is no fault of the messages: they are neither labels nor dead letters', async () => {
  const read = (): never => {
    throw new SluiceError('SLUICE_E_REGISTRY_UNAVAILABLE', 'no answer');
  };
  await expect(labelEventOf(PLACE, message(), read)).rejects.toMatchObject({ code: 'SLUICE_E_REGISTRY_UNAVAILABLE' });
  await expect(arrivalOf(PLACE, message(), read, 16)).rejects.toMatchObject({ code: 'SLUICE_E_REGISTRY_UNAVAILABLE' });
});

describe('a letter', () => {
  test.each([
    ['key and value', {}],
    ['no key', { key: null }],
    ['no value', { value: null }],
    ['neither of any length', { key: Buffer.alloc(0), value: Buffer.alloc(0) }],
  ])('with %s comes back as it went in', (_, part) => {
    const { key, value } = message(part);
    expect(unpackLetter(packLetter('labels', message(part)))).toEqual({ topic: 'labels', offset: '17', key, value, headers: {} });
  });

  test('has its headers again, those that came more than once and empty ones too', () => {
    const headers = { by: Buffer.from('hand'), again: [Buffer.from('1'), Buffer.from([0xff]), Buffer.alloc(0)], empty: Buffer.alloc(0) };
    expect(unpackLetter(packLetter('labels', message({ headers }))).headers).toEqual(headers);
  });
});
