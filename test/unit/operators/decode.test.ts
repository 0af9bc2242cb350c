import { from, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { decode } from '../../../operators/decode.ts';
import type { Numbered } from '../../../operators/items.ts';
import type { ImageDecoder } from '../../../operators/ports.ts';
import { SluiceError } from '../../../schemas/errors.ts';
import { Desk, failed, imageOf, numbered } from './made.ts';

function run(decoder: ImageDecoder, entries: readonly Numbered[], concurrency = 3): ReturnType<typeof lastValueFrom<object[]>> {
  return lastValueFrom(from(entries).pipe(decode(decoder, concurrency), toArray<object>()));
}

describe.each([1, 3, 5])('with %i at once', (concurrency) => {
  test('never more than that are under way, and never fewer while there are more to do', async () => {
    const desk = new Desk();
    const entries = Array.from({ length: 12 }, (_, seq) => numbered(seq));
    const all = run({ decode: (uri) => desk.work(uri, () => imageOf(1)) }, entries, concurrency);
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
  const all = run({ decode: (uri) => desk.work(uri, () => imageOf(shades.get(uri) ?? 0)) }, [0, 1, 2].map(numbered));
  await desk.finish(2);
  await desk.finish(0);
  await desk.finish(0);
  expect(await all).toEqual([2, 0, 1].map((seq) => ({ ...numbered(seq), image: imageOf(10 * (seq + 1)) })));
});

describe('what cannot be decoded goes on as failed', () => {
  const broken = new SluiceError('SLUICE_E_IMAGE_TOO_LARGE', 'much too large');
  const decoder: ImageDecoder = {
    decode(uri) {
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
    const items = await run({ decode: (uri) => (asked.push(uri), Promise.resolve(imageOf(1))) }, [numbered(0), failed(1), numbered(2)], 1);
    expect(items[1]).toEqual(failed(1));
    expect(asked).toEqual(['/nowhere/item-0', '/nowhere/item-2']);
  });
});

test('no entries, no items', async () => {
  expect(await run({ decode: () => Promise.reject(new Error('not to be called')) }, [])).toEqual([]);
});
