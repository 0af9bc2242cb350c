import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { SluiceError } from '../../schemas/errors.ts';

/** What the system says where a path leads to nothing that can be read as a file. */
const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE']);

/** An open file with bytes in it. */
export interface RegularFile {
  readonly size: number;
  read(): Promise<Buffer>;
  close(): Promise<void>;
}

/**
 * Opens a regular file of 1..`limit` bytes. Pipes and devices are refused before they are opened, and opening never waits: the path may have come to
 * name something else in between.
 * @throws SluiceError SLUICE_E_IMAGE_MISSING, _UNREADABLE, _EMPTY, _TOO_LARGE
 */
export async function openRegular(uri: string, limit: number): Promise<RegularFile> {
  let file: FileHandle | null = null;
  try {
    checkRegular(await stat(uri));
    file = await open(uri, constants.O_RDONLY | constants.O_NONBLOCK);
    const opened = file;
    const found = await opened.stat();
    checkRegular(found);
    const { size } = found;
    if (size === 0) throw new SluiceError('SLUICE_E_IMAGE_EMPTY', 'the file holds no bytes');
    if (size > limit) throw new SluiceError('SLUICE_E_IMAGE_TOO_LARGE', `the file has ${size} bytes, over the limit of ${limit} bytes`);
    return { size, read: () => readWhole(opened, size), close: () => opened.close() };
  } catch (thrown) {
    await file?.close();
    throw readError(thrown);
  }
}

/** All `size` bytes, however few the system hands out at once. @throws SluiceError SLUICE_E_IMAGE_UNREADABLE where there are fewer by now */
export async function readWhole(file: Pick<FileHandle, 'read'>, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(size);
  try {
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(bytes, at, size - at, at);
      if (bytesRead === 0) throw new SluiceError('SLUICE_E_IMAGE_UNREADABLE', `the file became shorter while it was read: ${at} of ${size} bytes`);
      at += bytesRead;
    }
  } catch (thrown) {
    throw readError(thrown);
  }
  return bytes;
}

function checkRegular(found: { isFile(): boolean }): void {
  if (!found.isFile()) throw new SluiceError('SLUICE_E_IMAGE_MISSING', 'the path is that of no regular file');
}

function readError(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  const code = (thrown as NodeJS.ErrnoException).code ?? 'unknown error';
  if (NOT_THERE.has(code)) return new SluiceError('SLUICE_E_IMAGE_MISSING', 'the file is not there', { cause: thrown });
  if (code === 'ELOOP') return new SluiceError('SLUICE_E_IMAGE_MISSING', 'the path is a circle of links', { cause: thrown });
  return new SluiceError('SLUICE_E_IMAGE_UNREADABLE', `the file could not be read (${code})`, { cause: thrown });
}
