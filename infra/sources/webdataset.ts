import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { extract } from 'tar-stream';
import type { Entry, Fit } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { DEFAULT_LIMITS } from '../media/limits.ts';
import { picturedSource } from './pictured.ts';
import { errno, plural, storable } from './text.ts';
import { FILE_FIT, type OpenedSource } from './types.ts';
import { type Member, sampleOf } from './webdataset-sample.ts';

/** Of a member that is no image. In bytes. */
const LARGEST_TEXT = 4 * 2 ** 20;
/** Members of a sample that are held. */
const MOST_MEMBERS = 64;
const IMAGE = /\.(?:jpe?g|png|webp|gif|tiff?|bmp|avif|heic|ppm)$/i;

/** Whether a folder holds shards and nothing else but texts beside them. */
export async function isShards(folder: string): Promise<boolean> {
  const files = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
  return files.some(({ name }) => name.endsWith('.tar')) && files.every((entry) => entry.isFile() && /\.(?:tar|json|md|txt)$/.test(entry.name));
}

/**
 * A shard of WebDataset (a tar), or a folder of them, by their names. Members whose names are the same up to the first dot of their last part are one sample: its image, and what
 * is said of it (`.cls`, or `.json` with a `label`). Pictures come with their entries. A shard that is damaged gives what comes before the damage, and is one bad entry.
 * Held: the members of one sample.
 * @throws SluiceError SLUICE_E_SOURCE_UNKNOWN
 */
export async function openWebDataset(location: string, fit: Fit = FILE_FIT): Promise<OpenedSource> {
  const place = await realpath(location);
  const folder = (await stat(place)).isDirectory();
  const shards = folder ? (await readdir(place)).filter((name) => name.endsWith('.tar') && !name.startsWith('.')).sort().map((name) => join(place, name)) : [place];
  if (shards.length === 0) throw new SluiceError('SLUICE_E_SOURCE_UNKNOWN', `${place} holds no .tar.`);
  const state: State = { left: 0, key: null };
  return picturedSource({
    identity: `webdataset:${place}`,
    fit,
    async *entries() {
      for (const shard of shards) yield* entriesOf(shard, state);
    },
    warnings: () => (state.left === 0 ? [] : [`${plural(state.left, 'member')} of shards ${state.left === 1 ? 'is' : 'are'} too large or without a name to go by, and ${state.left === 1 ? 'was' : 'were'} not kept.`]),
  });
}

interface State {
  /** Members that were not kept. */
  left: number;
  /** Of the member whose bytes are being read. */
  key: string | null;
}

async function* entriesOf(shard: string, state: State): AsyncGenerator<Entry> {
  const name = basename(shard, '.tar');
  let key: string | null = null;
  let members: Member[] = [];
  try {
    for await (const member of membersOf(shard, state)) {
      if (member.key !== key && members.length > 0) yield sampleOf(name, shard, members);
      if (member.key !== key) [key, members] = [member.key, []];
      if (members.length < MOST_MEMBERS) members.push(member);
      else state.left += 1;
    }
    if (members.length > 0) yield sampleOf(name, shard, members);
  } catch (thrown) {
    if (errno(thrown) === 'ENOENT' || errno(thrown) === 'EACCES') throw new SluiceError('SLUICE_E_SOURCE_UNKNOWN', `${shard} cannot be read (${errno(thrown)}).`, { cause: thrown });
    // Of the last sample some members may be behind the damage.
    if (members.length > 0 && state.key !== key) yield sampleOf(name, shard, members);
    yield { id: storable(name), error: new SluiceError('SLUICE_E_ARCHIVE_BROKEN', `${basename(shard)} is damaged${key === null ? '' : ` after ${JSON.stringify(key)}`}: ${thrown instanceof Error ? thrown.message : String(thrown)}.`, { cause: thrown }) };
  }
}

async function* membersOf(shard: string, state: State): AsyncGenerator<Member> {
  const tar = extract();
  const file = createReadStream(shard, { highWaterMark: 2 ** 18 });
  file.once('error', (error) => tar.destroy(error));
  file.pipe(tar);
  try {
    for await (const entry of tar) {
      const { name, size, type } = entry.header;
      const last = name.slice(name.lastIndexOf('/') + 1);
      const dot = last.indexOf('.');
      const image = IMAGE.test(name);
      state.key = name.slice(0, name.length - last.length + dot);
      const wanted = type === 'file' && dot > 0 && size <= (image ? DEFAULT_LIMITS.bytes : LARGEST_TEXT);
      if (!wanted) {
        if (type === 'file' && dot !== 0 && !image) state.left += 1;
        entry.resume();
        if (type !== 'file' || !image) continue;
      }
      const pieces: Buffer[] = [];
      if (wanted) for await (const piece of entry as AsyncIterable<Buffer>) pieces.push(piece);
      yield { key: state.key, extension: last.slice(dot + 1), image, size, bytes: Buffer.concat(pieces) };
    }
  } finally {
    file.destroy();
    tar.destroy();
  }
}
