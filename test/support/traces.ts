/** Looks for what should be gone in the raw bytes of files, whatever they are. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Numbers of an embedding that count as a trace of it, in a row. */
const SOME = 4;

/** Whether a part of the embedding is in the bytes, as float32 or float64. */
export function tracesOf(x: Float32Array, bytes: Buffer): boolean {
  for (let at = 0; at + SOME <= x.length; at += SOME) {
    const part = x.slice(at, at + SOME);
    // Of a part that is hardly more than zeros any file has copies.
    if (part.filter((value) => value !== 0).length < SOME) continue;
    if ([part, Float64Array.from(part)].some(({ buffer }) => bytes.includes(Buffer.from(buffer)))) return true;
  }
  return false;
}

/** All files of a folder. */
export function filesOf(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
}

/** Files of a folder that name an item, or hold a part of its embedding. */
export function filesWith(dir: string, id: string, x: Float32Array): readonly string[] {
  return filesOf(dir).filter((file) => {
    const bytes = readFileSync(file);
    return bytes.includes(id) || bytes.includes(Buffer.from(id, 'utf16le')) || tracesOf(x, bytes);
  });
}
