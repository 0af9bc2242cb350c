/** Only regular files are read; whatever else a path may name is refused at once, without waiting for it. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openRegular, readWhole } from '../../../../infra/media/regular-file.ts';
import { SharpDecoder } from '../../../../infra/media/sharp-decoder.ts';
import { failureOf, fileOf, folder } from './pictures.ts';

const MISSING = 'SLUICE_E_IMAGE_MISSING';
const NOT_REGULAR = 'the path is that of no regular file';

function fifo(): string {
  const path = join(folder(), 'pipe.jpg');
  execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
  return path;
}

async function socket(): Promise<string> {
  const path = join(folder(), 's.jpg');
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

function link(target: (at: string) => string): string {
  const path = join(folder(), 'link.jpg');
  symlinkSync(target(path), path);
  return path;
}

test.each<[string, () => string | Promise<string>, string]>([
  ['a folder', folder, NOT_REGULAR],
  ['a named pipe nobody writes to', fifo, NOT_REGULAR],
  ['a link to a named pipe', () => link(fifo), NOT_REGULAR],
  ['an endless device', () => '/dev/zero', NOT_REGULAR],
  ['a device without bytes', () => '/dev/null', NOT_REGULAR],
  ['a socket', socket, NOT_REGULAR],
  ['a link in a circle', () => link((at) => at), 'the path is a circle of links'],
  ['a link to nothing', () => link(() => '/nowhere/a.jpg'), 'the file is not there'],
  ['no such file', () => join(folder(), 'gone.jpg'), 'the file is not there'],
  ['a file taken for a folder', () => join(fileOf(Buffer.from('x')), 'a.jpg'), 'the file is not there'],
  ['a name too long', () => join(folder(), 'a'.repeat(300)), 'the file is not there'],
  ['a zero byte in the path', () => '/tmp/a\0.jpg', 'the file is not there'],
])('%s is a missing image', async (_, path, cause) => {
  const uri = await path();
  const start = performance.now();
  const { code, message } = await failureOf(new SharpDecoder(64, 'crop').decode({ path: uri }));
  expect([code, message]).toEqual([MISSING, cause]);
  expect(performance.now() - start).toBeLessThan(2000);
}, 5000);

test('many named pipes at once block nothing: each takes a thread of the process where opening waits', async () => {
  const decoder = new SharpDecoder(64, 'crop');
  const pipes = Array.from({ length: 12 }, fifo);
  const found = await Promise.all(pipes.map((path) => failureOf(decoder.decode({ path }))));
  expect(new Set(found.map(({ code }) => code))).toEqual(new Set([MISSING]));
}, 5000);

test('a link to a file is followed', async () => {
  const file = await openRegular(link(() => fileOf(Buffer.from('abc'))), 10);
  expect((await file.read()).toString()).toBe('abc');
  await file.close();
});

test('an empty file, and one over the limit', async () => {
  expect(await failureOf(openRegular(fileOf(Buffer.alloc(0)), 10))).toMatchObject({ code: 'SLUICE_E_IMAGE_EMPTY', message: 'the file holds no bytes' });
  const file = await openRegular(fileOf(Buffer.alloc(10)), 10);
  expect([file.size, (await file.read()).length]).toEqual([10, 10]);
  await file.close();
  expect(await failureOf(openRegular(fileOf(Buffer.alloc(11)), 10))).toMatchObject({
    code: 'SLUICE_E_IMAGE_TOO_LARGE',
    message: 'the file has 11 bytes, over the limit of 10 bytes',
  });
});

test('a sparse file of terabytes is refused by its size', async () => {
  const path = fileOf(Buffer.from('x'));
  truncateSync(path, 2 ** 42);
  expect(await failureOf(new SharpDecoder(64, 'crop').decode({ path }))).toMatchObject({ code: 'SLUICE_E_IMAGE_TOO_LARGE' });
});

test('a file that shrinks while it is read is unreadable, and worth another try', async () => {
  const path = fileOf(Buffer.alloc(1000, 7));
  const file = await openRegular(path, 2000);
  truncateSync(path, 300);
  const error = await failureOf(file.read());
  await file.close();
  expect(error).toMatchObject({ code: 'SLUICE_E_IMAGE_UNREADABLE', message: 'the file became shorter while it was read: 300 of 1000 bytes', retriable: true });
});

test('a file that grows is read as it was when it was opened', async () => {
  const path = fileOf(Buffer.from('before'));
  const file = await openRegular(path, 100);
  writeFileSync(path, ' and after', { flag: 'a' });
  expect((await file.read()).toString()).toBe('before');
  await file.close();
});

test('bytes that come a few at a time all arrive, in their places', async () => {
  const content = Buffer.from(Array.from({ length: 100 }, (_, i) => i));
  const read = async (into: Buffer, at: number, length: number, from: number): Promise<{ bytesRead: number; buffer: Buffer }> => ({
    bytesRead: content.copy(into, at, from, from + Math.min(7, length)),
    buffer: into,
  });
  expect(await readWhole({ read } as unknown as Parameters<typeof readWhole>[0], 100)).toEqual(content);
});

test('a failing disk is unreadable, with the code of the system', async () => {
  const read = (): Promise<never> => Promise.reject(Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' }));
  const error = await failureOf(readWhole({ read }, 100));
  expect(error).toMatchObject({ code: 'SLUICE_E_IMAGE_UNREADABLE', message: 'the file could not be read (EIO)' });
});

test('a file that may not be read is unreadable', async () => {
  const inside = join(folder(), 'locked');
  mkdirSync(inside);
  const path = join(inside, 'a.jpg');
  writeFileSync(path, 'x', { mode: 0o000 });
  chmodSync(join(inside, '..'), 0o755);
  // Root may read anything: for this one call the process is nobody.
  const root = process.getuid?.() === 0;
  if (root) process.seteuid?.(65534);
  try {
    const error = await failureOf(openRegular(path, 10));
    expect(error).toMatchObject({ code: 'SLUICE_E_IMAGE_UNREADABLE', message: 'the file could not be read (EACCES)' });
  } finally {
    if (root) process.seteuid?.(0);
  }
});
