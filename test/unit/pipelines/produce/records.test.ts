import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { openObjects } from '../../../../infra/objects/open.ts';
import { openCodec, type Codec } from '../../../../infra/registry/codec.ts';
import type { ObjectReference } from '../../../../operators/ports.ts';
import { labelsOf, samplesOf, type SampleShape } from '../../../../pipelines/produce/records.ts';
import type { Sample } from '../../../../schemas/sample.ts';
import type { LabelRecord, SampleRecord } from '../../../../schemas/records.ts';
import { newFolder } from '../../../support/folders.ts';

const folder = newFolder();
const shape: SampleShape = { topic: 'samples', prefix: 'day-1/', stream: 'yard', inlineBytes: 100, messageBytes: 4000, fileBytes: 10_000 };
const boxes = [{ class: 'cat', bbox: [1, 2, 3, 4] as const }];

function sampleOf(name: string, bytes: number, part: Partial<Sample> = {}): Sample {
  const uri = join(folder, name);
  writeFileSync(uri, Buffer.alloc(bytes, 'x'));
  return { id: name, uri, stream: 'default', time: 7, label: boxes, origin: '{"image":1}', ...part };
}

let codec: Codec;
beforeAll(async () => {
  codec = await openCodec({ registry: null });
});

async function sent(sample: Sample, part: Partial<SampleShape> = {}): Promise<{ readonly key: unknown; readonly refersTo: string | null; readonly record: SampleRecord }> {
  const message = await samplesOf({ ...shape, ...part }, await codec.writer('sample', 'samples'))(sample);
  if (message === null) throw new Error('no message');
  return { key: message.key, refersTo: message.refersTo, record: await codec.reader('sample')(message.value) };
}

describe('a sample', () => {
  test('carries its image up to the limit, with all that the source says of it; its key is its stream', async () => {
    const { key, refersTo, record } = await sent(sampleOf('a.jpg', 100));
    expect({ key, refersTo }).toEqual({ key: 'yard', refersTo: null });
    expect(record).toEqual({ id: 'day-1/a.jpg', stream: 'yard', time: 7, image: { 'sluice.InlineImage': { bytes: Buffer.alloc(100, 'x') } }, label: JSON.stringify(boxes), predictions: null, embedding: null, origin: '{"image":1}' });
    expect((await sent(sampleOf('a.jpg', 100, { stream: 'gate' }))).key).toBe('gate');
  });

  test('carries what a detector says of its image, also that it sees nothing', async () => {
    const predicted = [{ class: 'cat', bbox: [1, 2, 3, 4] as const, score: 0.5 }];
    expect((await sent(sampleOf('a.jpg', 100, { predicted }))).record.predictions).toBe(JSON.stringify(predicted));
    expect((await sent(sampleOf('a.jpg', 100, { predicted: [] }))).record.predictions).toBe('[]');
  });

  test('refers to a larger one, in a way that workers open', async () => {
    const name = 'ä b%2f?#.jpg';
    const { refersTo, record } = await sent(sampleOf(name, 101));
    const sha256 = createHash('sha256').update(Buffer.alloc(101, 'x')).digest('hex');
    expect(record.image).toEqual({ 'sluice.ImageReference': { uri: pathToFileURL(join(folder, name)).href, sha256 } });
    expect(refersTo).toBe(join(folder, name));
    const { 'sluice.ImageReference': reference } = record.image as { 'sluice.ImageReference': ObjectReference };
    const objects = openObjects({ roots: [folder] });
    expect(Buffer.from(await objects.read(reference)).toString()).toBe('x'.repeat(101));
    objects.close();
  });

  test('refers to one that no message has room for, and is refused where its annotations have none', async () => {
    expect((await sent(sampleOf('b.jpg', 3000), { inlineBytes: 5000 })).refersTo).toBe(join(folder, 'b.jpg'));
    await expect(sent(sampleOf('c.jpg', 10, { origin: 'x'.repeat(4000) }))).rejects.toMatchObject({ code: 'SLUICE_E_LABEL_INVALID' });
  });

  test('of a video carries its frame, or is refused: there is no file to refer to', async () => {
    const make = samplesOf(shape, await codec.writer('sample', 'samples'));
    const frame: Sample = { id: 'clip.mp4#t=0.040', uri: '/clip.mp4#t=0.040', stream: 'default', time: null, label: null, origin: null };
    const message = await make(frame, Buffer.alloc(100, 'y'));
    expect(message?.refersTo).toBeNull();
    expect((await codec.reader('sample')(message?.value ?? Buffer.alloc(0))).image).toEqual({ 'sluice.InlineImage': { bytes: Buffer.alloc(100, 'y') } });
    await expect(make(frame, Buffer.alloc(101))).rejects.toMatchObject({ code: 'SLUICE_E_IMAGE_TOO_LARGE', message: expect.stringContaining('--inline-limit is 100') as string });
    const roomy = samplesOf({ ...shape, inlineBytes: 5000 }, await codec.writer('sample', 'samples'));
    await expect(roomy(frame, Buffer.alloc(4500))).rejects.toMatchObject({ code: 'SLUICE_E_IMAGE_TOO_LARGE', message: expect.stringContaining('takes messages of 4000') as string });
  });

  test.each([['empty.jpg', 0, 'SLUICE_E_IMAGE_EMPTY'], ['large.jpg', 10_001, 'SLUICE_E_IMAGE_TOO_LARGE']])('%s is refused before it is sent', async (name, bytes, code) => {
    await expect(sent(sampleOf(name, bytes))).rejects.toMatchObject({ code });
  });
});

test('a label event has the key of its sample; of a sample without a label there is none', async () => {
  const make = labelsOf('labels', shape, await codec.writer('label', 'labels'));
  const event = await make(sampleOf('d.jpg', 1, { stream: 'gate' }));
  expect(event).toMatchObject({ topic: 'labels', key: 'gate' });
  const record: LabelRecord = await codec.reader('label')(event?.value ?? Buffer.alloc(0));
  expect(record).toEqual({ id: 'day-1/d.jpg', stream: 'gate', label: JSON.stringify(boxes), time: null, forget: false });
  expect(await make(sampleOf('e.jpg', 1, { label: null }))).toBeNull();
});
