import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collect } from '../../../../infra/objects/collect.ts';
import { causeOf } from './world.ts';

async function* pieces(lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  let next = 0;
  // As the parser of node:http does, each piece is a view of memory that is used again.
  const memory = new Uint8Array(Math.max(0, ...lengths));
  for (const length of lengths) {
    for (let i = 0; i < length; i++) memory[i] = next++ & 0xff;
    yield memory.subarray(0, length);
  }
}

test('all bytes in order, whatever the pieces; each is told of', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(40_000), { minLength: 1, maxLength: 12 }), fc.boolean(), async (lengths, told) => {
      const total = lengths.reduce((sum, length) => sum + length, 0);
      fc.pre(total > 0);
      let heard = 0;
      const bytes = await collect(pieces(lengths), told ? total : null, total, () => (heard += 1));
      expect([bytes.length, heard]).toEqual([total, lengths.length]);
      expect(bytes.every((byte, i) => byte === (i & 0xff))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('stops at the first piece over the limit, however many there are to come', async () => {
  let given = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      given += 1;
      yield new Uint8Array(100);
    }
  }
  expect(await causeOf(collect(endless(), null, 1000, () => {}))).toEqual(['SLUICE_E_IMAGE_TOO_LARGE', 'the object is over the limit of 1000 bytes for one that does not tell its length']);
  expect(given).toBe(11);
});

test('no more memory than the limit is taken for a body of that length, and none twice for one that tells it', async () => {
  const full = await collect(pieces([70_000, 30_000]), null, 100_000, () => {});
  expect([full.length, full.buffer.byteLength]).toEqual([100_000, 100_000]);
  const told = await collect(pieces([1, 1, 1]), 3, 3, () => {});
  expect(told.buffer.byteLength).toBe(3);
});

test('no bytes are no object', async () => {
  expect(await causeOf(collect(pieces([]), null, 10, () => {}))).toEqual(['SLUICE_E_IMAGE_EMPTY', 'the object holds no bytes']);
  expect(await causeOf(collect(pieces([0]), null, 10, () => {}))).toEqual(['SLUICE_E_IMAGE_EMPTY', 'the object holds no bytes']);
});
