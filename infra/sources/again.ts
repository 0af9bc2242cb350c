/** Pictures that were handed out once as bytes and not kept: read again from where they came from. */
import { createHash } from 'node:crypto';
import type { Entry } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { openSource } from './open.ts';

const IDENTITY = /^(video|s3|webdataset|parquet):(.*?)(?: fps:([\d.]+))?$/s;
const AT_ONCE = 16;

/**
 * @param identity of the source they came from. @param wanted SHA-256 of each by its id: what is not the same any more is not it
 * @returns their bytes in the order of the source, as far as they are to be had; none of what is a file of its own
 */
export async function* picturesAgain(identity: string, wanted: ReadonlyMap<string, string>): AsyncGenerator<{ readonly id: string; readonly bytes: Uint8Array }> {
  const [, format, place, fps] = IDENTITY.exec(identity) ?? [];
  if (place === undefined) return;
  const source = await openSource(format === 's3' ? `s3:${place}` : place, { format, ...(fps === undefined ? {} : { fps: Number(fps) }) }).catch((thrown: unknown) => {
    if (thrown instanceof SluiceError && thrown.code === 'SLUICE_E_SOURCE_UNKNOWN') return null;
    throw thrown;
  });
  try {
    for (let left = wanted.size; left > 0; ) {
      const entries = (await source?.next(AT_ONCE)) ?? [];
      if (entries.length === 0) break;
      for (const entry of entries) {
        const digest = 'sample' in entry ? wanted.get(entry.sample.id) : undefined;
        if (digest === undefined || !('sample' in entry)) continue;
        left -= 1;
        const bytes = await bytesOf(entry);
        if (bytes !== null && createHash('sha256').update(bytes).digest('hex') === digest) yield { id: entry.sample.id, bytes };
      }
    }
  } finally {
    await source?.close();
  }
}

async function bytesOf({ bytes, remote }: Extract<Entry, { sample: unknown }>): Promise<Uint8Array | null> {
  const read = bytes ?? (await remote?.read()) ?? null;
  return read instanceof SluiceError ? null : read;
}
