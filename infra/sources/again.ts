/** Frames of a video that were handed out once and not kept: read again from the file they came from. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { openVideo } from './video.ts';

const IDENTITY = /^video:(.*?)(?: fps:([\d.]+))?$/s;
const AT_ONCE = 16;

/**
 * @param identity of the source they came from. @param wanted SHA-256 of each by its id: what is not the same any more is not it
 * @returns their bytes, as far as they are to be had; none of what is no video
 */
export async function framesAgain(identity: string, wanted: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  const [, path, fps] = IDENTITY.exec(identity) ?? [];
  if (path === undefined || !existsSync(path)) return found;
  const source = await openVideo(path, fps === undefined ? null : Number(fps));
  try {
    for (let left = wanted.size; left > 0; ) {
      const entries = await source.next(AT_ONCE);
      if (entries.length === 0) break;
      for (const entry of entries) {
        if (!('sample' in entry) || entry.bytes === undefined || !wanted.has(entry.sample.id)) continue;
        left -= 1;
        if (createHash('sha256').update(entry.bytes).digest('hex') === wanted.get(entry.sample.id)) found.set(entry.sample.id, entry.bytes);
      }
    }
    return found;
  } finally {
    await source.close();
  }
}
