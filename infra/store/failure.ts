/** What SQLite and the file system throw, as errors of the catalogue. */
import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ErrorCode, SluiceError } from '../../schemas/errors.ts';

/** Less than this and a failed write was for want of space, whatever SQLite calls it. */
const FULL_BELOW_BYTES = 64 * 1024;

/** SQLite's primary result codes (sqlite.org/rescode.html). */
const BY_RESULT: Readonly<Record<number, ErrorCode>> = {
  3: 'SLUICE_E_NOT_WRITABLE', // PERM
  5: 'SLUICE_E_BUSY',
  6: 'SLUICE_E_BUSY', // LOCKED
  8: 'SLUICE_E_NOT_WRITABLE', // READONLY
  10: 'SLUICE_E_NOT_WRITABLE', // IOERR
  11: 'SLUICE_E_STORE_CORRUPT',
  13: 'SLUICE_E_DISK_FULL',
  14: 'SLUICE_E_NOT_WRITABLE', // CANTOPEN
  24: 'SLUICE_E_STORE_CORRUPT', // FORMAT
  26: 'SLUICE_E_STORE_CORRUPT', // NOTADB
};

const BY_ERRNO: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'SLUICE_E_DISK_FULL',
  EDQUOT: 'SLUICE_E_DISK_FULL',
  EROFS: 'SLUICE_E_NOT_WRITABLE',
  EACCES: 'SLUICE_E_NOT_WRITABLE',
  EPERM: 'SLUICE_E_NOT_WRITABLE',
  EEXIST: 'SLUICE_E_NOT_WRITABLE',
  ENOTDIR: 'SLUICE_E_NOT_WRITABLE',
  EISDIR: 'SLUICE_E_NOT_WRITABLE',
  ENAMETOOLONG: 'SLUICE_E_NOT_WRITABLE',
  ELOOP: 'SLUICE_E_NOT_WRITABLE',
  ENOENT: 'SLUICE_E_NOT_WRITABLE',
  EIO: 'SLUICE_E_NOT_WRITABLE',
  ENXIO: 'SLUICE_E_NOT_WRITABLE', // a socket by its path
  EBUSY: 'SLUICE_E_NOT_WRITABLE', // a mount point cannot be renamed
  EXDEV: 'SLUICE_E_NOT_WRITABLE',
};

const SENTENCE: Partial<Record<ErrorCode, string>> = {
  SLUICE_E_BUSY: 'Another process holds',
  SLUICE_E_DISK_FULL: 'No space is left for',
  SLUICE_E_NOT_WRITABLE: 'Cannot write to',
  SLUICE_E_STORE_CORRUPT: 'Damaged, or no database of Sluice, is what lies in',
};

/** SQLite's primary result code of a thrown error; null for errors of another make. */
export function resultCode(thrown: unknown): number | null {
  const code = thrown instanceof Error && 'errcode' in thrown ? thrown.errcode : null;
  return typeof code === 'number' ? code & 0xff : null;
}

/**
 * @param place the file or folder that was worked on
 * @returns an error of the catalogue; SLUICE_E_INTERNAL for what should never happen, as a broken constraint
 */
export function storeFailure(thrown: unknown, place: string): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  const code = classify(thrown, place);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new SluiceError(code, `${SENTENCE[code] ?? 'Failed on'} ${place}: ${message}.`, { cause: thrown });
}

function classify(thrown: unknown, place: string): ErrorCode {
  const result = resultCode(thrown);
  if (result !== null) {
    // Where a file cannot be made or grown for want of space, SQLite says CANTOPEN or IOERR.
    if ((result === 10 || result === 14) && isFull(place)) return 'SLUICE_E_DISK_FULL';
    return BY_RESULT[result] ?? 'SLUICE_E_INTERNAL';
  }
  const errno = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  return BY_ERRNO[errno] ?? 'SLUICE_E_INTERNAL';
}

function isFull(place: string): boolean {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(existsSync(place) ? place : dirname(place));
    return bavail * bsize < FULL_BELOW_BYTES || (files > 0 && ffree === 0);
  } catch {
    return false;
  }
}
