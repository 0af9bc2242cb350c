import type { Numbered } from '../operators/items.ts';
import { SluiceError } from '../schemas/errors.ts';

/** An entry with its picture at hand, where that is elsewhere. @throws SluiceError where nothing can be fetched now */
export async function fetched(entry: Numbered): Promise<Numbered> {
  if ('error' in entry || entry.remote === undefined) return entry;
  const read = await entry.remote.read();
  return read instanceof SluiceError ? { seq: entry.seq, id: entry.sample.id, error: read } : { ...entry, bytes: read };
}
