import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openReader } from '../../../../infra/store/reader.ts';
import { openStore } from '../../../../infra/store/sqlite.ts';
import { plainBatch } from './decisions.ts';
import { codeOf, kill, startChild, temporaryFolder } from './world.ts';

test('a second writer is refused while another process lives, and let in once that was killed', async () => {
  const dir = temporaryFolder();
  const { child, said } = await startChild(dir, 'hold');
  expect(said).toBe('open');
  expect(() => openStore(dir)).toThrow(`Another run is writing to ${dir}.`);
  expect(codeOf(() => openStore(dir))).toBe('SLUICE_E_BUSY');
  await kill(child);
  const store = openStore(dir);
  store.commit(plainBatch(0, 1));
  store.close();
});

test('a second writer in the same process is refused, and let in after the first has closed', async () => {
  const dir = temporaryFolder();
  const first = openStore(dir);
  expect(codeOf(() => openStore(dir))).toBe('SLUICE_E_BUSY');
  // The refusal must not have let go of the first one's lock (closing a file drops POSIX locks of the whole process).
  expect((await startChild(dir, 'hold')).said).toBe('SLUICE_E_BUSY');
  first.commit(plainBatch(0, 1));
  first.close();
  openStore(dir).close();
});

test('readers in the same process do not let go of the lock', async () => {
  const dir = temporaryFolder();
  const store = openStore(dir);
  openReader(dir).close();
  expect((await startChild(dir, 'hold')).said).toBe('SLUICE_E_BUSY');
  store.close();
});

test('of several processes that start at once exactly one gets in', async () => {
  for (let round = 0; round < 3; round++) {
    const dir = temporaryFolder();
    const started = await Promise.all(Array.from({ length: 4 }, () => startChild(dir, 'hold')));
    expect(started.map(({ said }) => said).sort()).toEqual(['SLUICE_E_BUSY', 'SLUICE_E_BUSY', 'SLUICE_E_BUSY', 'open']);
    for (const { child } of started) await kill(child);
  }
});

test('a failure to open lets go of the lock', () => {
  const dir = temporaryFolder();
  writeFileSync(join(dir, 'sluice.db'), 'no database '.repeat(100));
  expect(codeOf(() => openStore(dir))).toBe('SLUICE_E_STORE_CORRUPT');
  expect(codeOf(() => openStore(dir))).toBe('SLUICE_E_STORE_CORRUPT');
});

test('another file under the name of the lock is told of, not used', () => {
  const dir = temporaryFolder();
  writeFileSync(join(dir, '.lock'), 'my notes '.repeat(100));
  expect(codeOf(() => openStore(dir))).toBe('SLUICE_E_STORE_CORRUPT');
});
