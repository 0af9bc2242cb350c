import { from, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { decode } from '../../../operators/decode.ts';
import type { Decoded, Numbered } from '../../../operators/items.ts';
import type { ImageDecoder, ImageInput } from '../../../operators/ports.ts';
import { chooseObjects } from '../../../operators/state/objects/choose.ts';
import { SluiceError } from '../../../schemas/errors.ts';
import type { Box, Label, Sample } from '../../../schemas/sample.ts';
import { Desk, failed, imageOf, numbered } from './made.ts';

function run(decoder: ImageDecoder, entries: readonly Numbered[], concurrency = 3): ReturnType<typeof lastValueFrom<object[]>> {
  return lastValueFrom(from(entries).pipe(decode(decoder, concurrency), toArray<object>()));
}

function pathOf(image: ImageInput): string {
  return 'path' in image ? image.path : 'not a file';
}

describe.each([1, 3, 5])('with %i at once', (concurrency) => {
  test('never more than that are under way, and never fewer while there are more to do', async () => {
    const desk = new Desk();
    const entries = Array.from({ length: 12 }, (_, seq) => numbered(seq));
    const all = run({ decode: (image) => desk.work(pathOf(image), () => imageOf(1)) }, entries, concurrency);
    for (let done = 0; done < 12; done++) {
      expect(desk.open.length).toBe(Math.min(concurrency, 12 - done));
      await desk.finish(done % desk.open.length);
    }
    expect(await all).toHaveLength(12);
    expect(desk.most).toBe(concurrency);
  });
});

test('each item gets its own picture, as soon as that is there', async () => {
  const desk = new Desk();
  const shades = new Map([['/nowhere/item-0', 10], ['/nowhere/item-1', 20], ['/nowhere/item-2', 30]]);
  const all = run({ decode: (image) => desk.work(pathOf(image), () => imageOf(shades.get(pathOf(image)) ?? 0)) }, [0, 1, 2].map(numbered));
  await desk.finish(2);
  await desk.finish(0);
  await desk.finish(0);
  expect(await all).toEqual([2, 0, 1].map((seq) => ({ ...numbered(seq), image: imageOf(10 * (seq + 1)), chosen: [] })));
});

describe('what cannot be decoded goes on as failed', () => {
  const broken = new SluiceError('SLUICE_E_IMAGE_TOO_LARGE', 'much too large');
  const decoder: ImageDecoder = {
    decode(image) {
      const uri = pathOf(image);
      if (uri.endsWith('1')) return Promise.reject(broken);
      if (uri.endsWith('2')) return Promise.reject(new TypeError('a fault of the decoder'));
      if (uri.endsWith('3')) throw new Error('thrown at once');
      return Promise.resolve(imageOf(1));
    },
  };

  test('with the cause it was given, or wrapped as corrupt, and without the sample', async () => {
    const items = await run(decoder, [0, 1, 2, 3, 4].map(numbered), 1);
    expect(items.map((item) => 'error' in item)).toEqual([false, true, true, true, false]);
    expect(items[1]).toEqual({ seq: 1, id: 'item-1', error: broken });
    expect(items[2]).toMatchObject({ seq: 2, id: 'item-2', error: { code: 'SLUICE_E_IMAGE_CORRUPT', message: 'a fault of the decoder' } });
    expect(items[3]).toMatchObject({ seq: 3, id: 'item-3', error: { code: 'SLUICE_E_IMAGE_CORRUPT', message: 'thrown at once' } });
  });

  test('a row that came in broken keeps its error and is not decoded', async () => {
    const asked: string[] = [];
    const items = await run({ decode: (image) => (asked.push(pathOf(image)), Promise.resolve(imageOf(1))) }, [numbered(0), failed(1), numbered(2)], 1);
    expect(items[1]).toEqual(failed(1));
    expect(asked).toEqual(['/nowhere/item-0', '/nowhere/item-2']);
  });
});

test('a host whose samples are no files says where each picture is', async () => {
  const asked: ImageInput[] = [];
  const bytes = Uint8Array.of(1, 2, 3);
  const imageOfSample = ({ id }: Sample): ImageInput => (id === 'item-0' ? { bytes } : { reference: { uri: `s3://frames/${id}`, sha256: null } });
  const decoder: ImageDecoder = { decode: (image) => (asked.push(image), Promise.resolve(imageOf(1))) };
  await lastValueFrom(from([0, 1].map(numbered)).pipe(decode(decoder, 1, imageOfSample), toArray<object>()));
  expect(asked).toEqual([{ bytes }, { reference: { uri: 's3://frames/item-1', sha256: null } }]);
});

test('a sample whose picture nobody knows fails alone', async () => {
  const imageOfSample = ({ id, uri }: Sample): ImageInput => {
    if (id === 'item-0') throw new SluiceError('SLUICE_E_REFERENCE_REFUSED', 'no picture');
    return { path: uri };
  };
  const items = await lastValueFrom(from([0, 1].map(numbered)).pipe(decode({ decode: () => Promise.resolve(imageOf(1)) }, 1, imageOfSample), toArray<object>()));
  expect(items).toMatchObject([{ seq: 0, id: 'item-0', error: { code: 'SLUICE_E_REFERENCE_REFUSED' } }, { seq: 1, image: imageOf(1) }]);
});

describe('objects', () => {
  const boxes: readonly Box[] = [{ class: 'car', bbox: [0, 0, 100, 50] }, { class: 'car', bbox: [200, 100, 30, 30] }, { class: 'dot', bbox: [9, 9, 2, 2] }];
  const labelled = (seq: number, label: Label): Numbered => ({ seq, sample: { id: `item-${seq}`, uri: `/nowhere/item-${seq}`, stream: 'default', time: null, label, origin: null } });
  /** Asks for the regions twice, as after a first attempt that failed. */
  const asking: ImageDecoder = {
    decode(_, regionsOf) {
      regionsOf?.(640, 480);
      return Promise.resolve(imageOf(1, 1, regionsOf?.(640, 480).length ?? 99));
    },
  };
  const through = (entry: Numbered, most: number): Promise<object> => lastValueFrom(from([entry]).pipe(decode(asking, 1, undefined, most)));

  test('those chosen are said with the crops of their regions', async () => {
    const chosen = chooseObjects(boxes, 640, 480, 8);
    expect(chosen).toHaveLength(2);
    const { image, chosen: said } = (await through(labelled(0, boxes), 8)) as Decoded;
    expect(said).toEqual(chosen);
    // One more is of what lies beside them.
    expect(image).toEqual(imageOf(1, 1, 3));
    expect(await through(labelled(0, boxes), 1)).toMatchObject({ chosen: chosen.slice(0, 1), image: imageOf(1, 1, 2) });
  });

  test('nothing beside them is asked for where there are none to look at, or no place', async () => {
    expect(await through(labelled(0, boxes.slice(2)), 8)).toMatchObject({ chosen: [], image: imageOf(1, 1, 0) });
    expect(await through(labelled(0, [{ class: 'wall', bbox: [0, 0, 640, 480] }]), 8)).toMatchObject({ chosen: [{ class: 'wall' }], image: imageOf(1, 1, 1) });
  });

  test.each<[string, Label, number]>([['off', boxes, 0], ['a class', 'car', 8], ['no label', null, 8]])('no regions are asked for: %s', async (_, label, most) => {
    expect(await through(labelled(0, label), most)).toMatchObject({ chosen: [], image: imageOf(1, 1, 99) });
  });
});

test('no entries, no items', async () => {
  expect(await run({ decode: () => Promise.reject(new Error('not to be called')) }, [])).toEqual([]);
});
