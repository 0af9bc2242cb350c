import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { avroType } from '../../../schemas/avro/index.ts';
import { amendRecord, decisionOf, decisionRecord } from '../../../schemas/records-decision.ts';
import { labelJson, labelOf, usableLabelOf } from '../../../schemas/records-label.ts';
import { vectorBytes, vectorOf } from '../../../schemas/records-vector.ts';
import { SUBJECTS, type LabelRecord, type SampleRecord } from '../../../schemas/records.ts';
import { decisions, labels, records } from './made.ts';
import { codeOf, messageOf } from './thrown.ts';

const sample: SampleRecord = { id: 'a.jpg', stream: 'default', time: 0, image: null, label: null, predictions: null, embedding: null, origin: null };

test.for(SUBJECTS)('every record of %s comes back as it was', (subject) => {
  const type = avroType(subject);
  fc.assert(fc.property(records[subject] as fc.Arbitrary<never>, (record) => {
    expect(type.decode(type.encode(record))).toEqual(record);
  }));
});

describe('a sample', () => {
  const type = avroType('sample');

  test('is encoded as Avro says', () => {
    const image = { 'sluice.ImageReference': { uri: 'u', sha256: null } };
    // id, stream, time (branch 1, zigzag of 1), image (branch 2: uri, null), four nulls.
    expect(type.encode({ ...sample, id: 'a', stream: 'b', time: 1, image }).toString('hex')).toBe(['0261', '0262', '0202', '04027500', '00000000'].join(''));
  });

  test('keeps nothing of the message it came in', () => {
    const message = type.encode({ ...sample, image: { 'sluice.InlineImage': { bytes: Buffer.alloc(5000, 1) } } });
    const decoded = type.decode(message);
    message.fill(0);
    expect(decoded.image).toEqual({ 'sluice.InlineImage': { bytes: Buffer.alloc(5000, 1) } });
  });

  test.for([
    [{ ...sample, id: 7 }, 'id is no string'],
    [{ ...sample, time: 0.5 }, 'time is no whole number between -2^52 and 2^52'],
    [{ ...sample, time: 2 ** 52 }, 'time is no whole number between -2^52 and 2^52'],
    [{ ...sample, time: -(2 ** 52) }, 'time is no whole number between -2^52 and 2^52'],
    [{ ...sample, embedding: [1] }, 'embedding is no bytes'],
    [{ ...sample, image: { 'sluice.Other': {} } }, 'image is no object with one key of null, sluice.InlineImage, sluice.ImageReference'],
    [{ ...sample, image: { 'sluice.InlineImage': { bytes: 'secret picture' } } }, 'image.sluice.InlineImage.bytes is no bytes'],
    [{ ...sample, image: { 'sluice.InlineImage': { bytes: Buffer.alloc(0) }, more: 1 } }, 'image is no object with one key of null, sluice.InlineImage, sluice.ImageReference'],
    [{ ...sample, id: 'half \ud800' }, 'id is no text that UTF-8 can hold: there is half a surrogate pair in it'],
    [{ ...sample, label: `${'long'.repeat(50)}\udc00` }, 'label is no text that UTF-8 can hold: there is half a surrogate pair in it'],
    [null, 'the value is no sluice.Sample'],
  ] as const)('that does not fit is not written: %#', ([value, message]) => {
    const act = (): unknown => type.encode(value as never);
    expect(codeOf(act)).toBe('SLUICE_E_RECORD_INVALID');
    expect(messageOf(act)).toBe(`sample: ${message}`);
  });
});

describe('decisions', () => {
  const type = avroType('decision');

  test('come back as they were', () => {
    fc.assert(fc.property(decisions, fc.nat(), (decision, partition) => {
      expect(decisionOf(type.decode(type.encode(decisionRecord(decision, partition))))).toEqual({ decision });
    }));
  });

  test('are amended under the id of the item', () => {
    const record = amendRecord({ seq: 3, suspicion: 0.5, review: true }, { id: 'a.jpg', stream: 'gate' }, 2);
    expect(record).toMatchObject({ id: 'a.jpg', stream: 'gate', partition: 2, seq: 3 });
    expect(decisionOf(type.decode(type.encode(record)))).toEqual({ amend: { seq: 3, suspicion: 0.5, review: true } });
  });

  test.for([
    [{ verdict: 'constructor' }, 'verdict is no one of admit, reject'],
    [{ reasons: null }, 'reasons is no array'],
    [{ reasons: [{ code: 'a', value: 1, threshold: 'x' }] }, 'reasons.0.threshold is no double'],
    [{ quality: null }, 'quality is no sluice.Quality'],
  ] as const)('that do not fit are not written: %j', ([part, message]) => {
    const [decision] = fc.sample(decisions, { numRuns: 1, seed: 1 });
    if (decision === undefined) throw new Error('no sample');
    const { event, ...record } = decisionRecord(decision, 0);
    const act = (): unknown => type.encode({ ...record, event: { 'sluice.Decision': { ...('sluice.Decision' in event ? event['sluice.Decision'] : {}), ...part } } } as never);
    expect(codeOf(act)).toBe('SLUICE_E_RECORD_INVALID');
    expect(messageOf(act)).toBe(`decision: event.sluice.Decision.${message}`);
  });

  test('of a split that does not exist are refused', () => {
    const [decision] = fc.sample(decisions, { numRuns: 1, seed: 1 });
    if (decision === undefined) throw new Error('no sample');
    const record = decisionRecord({ ...decision, split: 'test' as never }, 0);
    expect(codeOf(() => decisionOf(record))).toBe('SLUICE_E_RECORD_CORRUPT');
  });

  test('with a fault of a box that does not exist are refused', () => {
    const [decision] = fc.sample(decisions, { numRuns: 1, seed: 1 });
    if (decision === undefined) throw new Error('no sample');
    const object = { index: 0, class: 'a', bbox: [0, 0, 1, 1], cluster: null, share: null, suspicion: null, suggested: null, faults: ['lost'] };
    expect(codeOf(() => decisionOf(decisionRecord({ ...decision, objects: [object as never] }, 0)))).toBe('SLUICE_E_RECORD_CORRUPT');
  });
});

describe('labels', () => {
  test('come back from JSON as they were', () => {
    fc.assert(fc.property(labels, (label) => {
      expect(labelOf(labelJson(label))).toEqual(label);
    }));
  });

  test('are those of a LabelRecord too, null withdrawing one', () => {
    const record: LabelRecord = { id: 'a', stream: 'b', label: 'null', time: null, forget: false };
    expect(labelOf(record.label)).toBe(null);
  });

  test.for([
    ['{', /no JSON/],
    ['7', /expected a string/],
    ['{}', /expected a string/],
    ['[7]', /box 0: expected an object/],
    ['[null]', /box 0: expected an object/],
    ['[{"class":"a","bbox":[0,0,1,1]},{"bbox":[0,0,1,1]}]', /box 1: "class"/],
    ['[{"class":"a","bbox":[0,0,1]}]', /box 0: "bbox"/],
    ['[{"class":"a","bbox":[0,0,-1,1]}]', /box 0: "bbox"/],
    ['[{"class":"a","bbox":[0,0,1e999,1]}]', /box 0: "bbox"/],
    ['[{"class":"a","bbox":[0,0,1,1],"relative":1}]', /box 0: "relative"/],
  ] as const)('%s is none', ([json, message]) => {
    expect(codeOf(() => labelOf(json))).toBe('SLUICE_E_LABEL_INVALID');
    expect(messageOf(() => labelOf(json))).toMatch(message);
  });

  test.for([
    ['[7]', 'BOX', /box 0: expected an object/],
    ['[{"bbox":[0,0,1,1]}]', 'CATEGORY', /box 0: "class"/],
    ['[{"class":"","bbox":[0,0,1,1]}]', 'CATEGORY', /box 0: "class"/],
    ['[{"class":"\\ud800","bbox":[0,0,1,1]}]', 'CATEGORY', /half a surrogate/],
    ['[{"class":"a","bbox":[0,0,-1,1]}]', 'BOX', /box 0: "bbox"/],
    ['[{"class":"a","bbox":[0,0,1,1],"relative":1}]', 'BOX', /box 0: "relative"/],
    ['[{"class":"a","bbox":[1,0,1,1],"relative":true}]', 'OUTSIDE', /box 0: nothing of \[1, 0, 1, 1\]/],
  ] as const)('of a sample are used without their bad boxes, and without any where none is good: %s', ([json, code, message]) => {
    const fault = { code: `SLUICE_E_ANNOTATION_${code}`, count: 1, causes: [expect.stringMatching(message) as string] };
    expect(usableLabelOf(json)).toEqual({ label: null, faults: [fault] });
    const good = { class: 'b', bbox: [0, 0, 9, 9] };
    expect(usableLabelOf(`[${json.slice(1, -1)},${JSON.stringify(good)}]`)).toEqual({ label: [good], faults: [fault] });
  });

  test('of a sample: what is no label at all is none, and one without faults is as it was', () => {
    for (const json of ['{', '7', '{}', '"\\ud800"']) expect(codeOf(() => usableLabelOf(json))).toBe('SLUICE_E_LABEL_INVALID');
    fc.assert(fc.property(labels, (label) => {
      const { label: read, faults } = usableLabelOf(labelJson(label));
      if (faults.length === 0) expect(read).toEqual(label);
      else expect(faults.map(({ code }) => code)).toEqual(['SLUICE_E_ANNOTATION_OUTSIDE']);
    }));
  });

  test('of our own records are whole, however many boxes they have', () => {
    const many = Array.from({ length: 1200 }, (_, i) => ({ class: 'a', bbox: [i, 0, 1, 1] as const }));
    expect(labelOf(JSON.stringify(many))).toEqual(many);
    expect(usableLabelOf(JSON.stringify(many))).toMatchObject({ label: { length: 1000 }, faults: [{ code: 'SLUICE_E_ANNOTATION_TOO_MANY', count: 200 }] });
  });

  test('keep only what a box has', () => {
    expect(labelOf('[{"class":"a","bbox":[0,0,1,1],"relative":false,"crowd":false,"x":1}]')).toEqual([{ class: 'a', bbox: [0, 0, 1, 1] }]);
  });
});

describe('vectors', () => {
  test('are little-endian float32', () => expect(vectorBytes(Float32Array.of(1, -2)).toString('hex')).toBe('0000803f000000c0'));

  test('come back from any address, as a copy', () => {
    const bytes = Buffer.concat([Buffer.from('x'), vectorBytes(Float32Array.of(1, -2))]).subarray(1);
    const vector = vectorOf(bytes);
    bytes.fill(0);
    expect(vector).toEqual(Float32Array.of(1, -2));
  });

  test('of a broken length are refused', () => expect(codeOf(() => vectorOf(Buffer.alloc(7)))).toBe('SLUICE_E_RECORD_CORRUPT'));
});
