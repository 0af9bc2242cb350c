/** The next calls lie ready with the index process while the parent is busy, but never the whole of a large memory. */
import type * as Processes from 'node:child_process';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openIndex } from '../../../../infra/faiss/index.ts';
import type { IndexCall } from '../../../../infra/faiss/protocol.ts';
import type { VectorIndex } from '../../../../operators/ports.ts';

const children = vi.hoisted((): Processes.ChildProcess[] => []);
vi.mock('node:child_process', async (original) => {
  const real = await original<typeof Processes>();
  const fork = (script: string, args: readonly string[], options: Processes.ForkOptions): Processes.ChildProcess => {
    const child = real.fork(script, args, options);
    children.push(child);
    return child;
  };
  return { ...real, fork };
});

const D = 4;
const rows = (n: number): Float32Array => new Float32Array(n * D).fill(0.5);

/** @returns what has been sent so far */
async function watched(): Promise<{ index: VectorIndex; sent: () => string[] }> {
  const index = await openIndex(D);
  onTestFinished(() => index.close());
  const child = children.at(-1);
  if (child === undefined) throw new Error('no index process was started');
  const send = vi.spyOn(child, 'send');
  return { index, sent: () => send.mock.calls.map(([message]) => (message as IndexCall).call) };
}

test('a search is sent before what it looks through has been answered', async () => {
  const { index, sent } = await watched();
  const adding = index.add(rows(16));
  const searching = index.search(rows(64), 8);
  expect(sent()).toEqual(['add', 'search']);
  await adding;
  expect((await searching).rows.length).toBe(64 * 8);
});

test('of a memory that is added again only a few parts are on their way', async () => {
  const { index, sent } = await watched();
  const adding = index.add(rows(10_000));
  const searching = index.search(rows(1), 1);
  expect(sent()).toEqual(['add', 'add', 'add', 'add']);
  await Promise.all([adding, searching]);
  expect(sent()).toEqual([...Array.from({ length: 10 }, () => 'add'), 'search']);
});
