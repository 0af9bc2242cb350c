/** Bad arguments are refused before they reach FAISS, which would end its process. */
import { afterAll, expect, test } from 'vitest';
import { openIndex } from '../../../../infra/faiss/index.ts';
import { indexProcesses } from './processes.ts';

const D = 8;
const index = await openIndex(D);
const [pid] = indexProcesses();
await index.add(new Float32Array(3 * D).fill(0.5));
afterAll(() => index.close());

const row = (value = 0.5): Float32Array => new Float32Array(D).fill(value);
const holed = (value: number): Float32Array => row().with(5, value);

test.each<[string, () => Promise<unknown>, RegExp]>([
  ['rows too short', () => index.add(row().subarray(1)), /^7 numbers are no rows of 8$/],
  ['rows too long', () => index.add(new Float32Array(D + 1)), /^9 numbers are no rows of 8$/],
  ['a row with NaN', () => index.add(holed(Number.NaN)), /not finite/],
  ['a row with infinity', () => index.add(holed(Infinity)), /not finite/],
  ['a query too short', () => index.search(row().subarray(1), 1), /^7 numbers are no rows of 8$/],
  ['a query with NaN', () => index.search(holed(Number.NaN), 1), /not finite/],
  ['a query with -infinity', () => index.search(holed(-Infinity), 1), /not finite/],
  ['k 0', () => index.search(row(), 0), /^search: k must be 1\.\.3, not 0$/],
  ['k below 0', () => index.search(row(), -1), /k must be 1\.\.3, not -1$/],
  ['a fractional k', () => index.search(row(), 1.5), /not 1\.5$/],
  ['k NaN', () => index.search(row(), Number.NaN), /not NaN$/],
  ['k infinite', () => index.search(row(), Infinity), /not Infinity$/],
  ['k over what there is', () => index.search(row(), 4), /k must be 1\.\.3, not 4$/],
])('%s', async (_, call, cause) => {
  await expect(call()).rejects.toMatchObject({ code: 'SLUICE_E_INDEX', message: expect.stringMatching(cause) });
  // Nothing was counted, and it is the same process that answers.
  expect(index.count).toBe(3);
  expect((await index.search(row(), 3)).rows.length).toBe(3);
  expect(indexProcesses()).toEqual([pid]);
});

test('a search on an empty index, at first and after a reset', async () => {
  const empty = await openIndex(D);
  const refused = { code: 'SLUICE_E_INDEX', message: expect.stringContaining('k must be 1..0, not 1') };
  await expect(empty.search(row(), 1)).rejects.toMatchObject(refused);
  await empty.add(row());
  await empty.reset();
  await expect(empty.search(row(), 1)).rejects.toMatchObject(refused);
  await empty.add(row());
  expect((await empty.search(row(), 1)).similarities[0]).toBe(2);
  await empty.close();
});

test.each([0, -1, 2.5, Number.NaN, Infinity])('dimension %s', async (dimension) => {
  const before = indexProcesses();
  await expect(openIndex(dimension)).rejects.toMatchObject({ code: 'SLUICE_E_INDEX' });
  expect(indexProcesses()).toEqual(before);
});
