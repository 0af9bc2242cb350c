/** How the export of an earlier time is known again: by its first line. */
import { closeSync, openSync, readSync } from 'node:fs';

/** A line of JSON holds all boxes of an image. In bytes. */
const LONGEST = 64 * 1024 * 1024;
const CHUNK = 64 * 1024;

/** The first line of a file, without its end; null where it is longer than any of ours. */
export function firstLine(path: string): string | null {
  const file = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    for (let size = 0; size < LONGEST; ) {
      const chunk = Buffer.alloc(CHUNK);
      const read = readSync(file, chunk);
      const end = chunk.subarray(0, read).indexOf('\n');
      chunks.push(chunk.subarray(0, end < 0 ? read : end));
      if (end >= 0 || read === 0) return Buffer.concat(chunks).toString('utf8').replace(/\r$/, '');
      size += read;
    }
    return null;
  } finally {
    closeSync(file);
  }
}
