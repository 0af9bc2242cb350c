import { createWriteStream } from 'node:fs';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import { formatOf } from '../media/format.ts';
import type { WebDatasetOrigin } from '../sources/webdataset-sample.ts';
import type { Reader, StoredDecision } from '../store/types.ts';
import { writeDataset } from './dataset.ts';
import { imageBytes } from './image-bytes.ts';
import { lineOf } from './jsonl.ts';
import type { LeftOut } from './left-out.ts';
import type { MediaMode } from './media.ts';
import { keptBy } from './origin.ts';
import { selected } from './select.ts';
import { SPLITS, type Splits } from './splits.ts';
import type { FolderFormat, Selection } from './types.ts';

/** Samples of a shard, and bytes after which it takes no more. */
const SAMPLES = 1000;
const BYTES = 500 * 2 ** 20;

/**
 * Shards of WebDataset: `shard-000000.tar` and so on, or `train-000000.tar` where there are splits. A sample is its image, `.cls` with the class of the whole image, and `.json` with the line
 * that `jsonl` has of it. What came from WebDataset keeps its key and its texts. The same export gives the same bytes.
 */
export const webdataset: FolderFormat = {
  name: 'webdataset',
  kind: 'folder',
  write: (reader, selection, to, options) =>
    writeDataset({ name: 'webdataset', entries: [], shards: SHARD, images: [], fill: (made, _, leftOut) => fill(reader, selection, options.splits, options.media, made, leftOut) }, reader, selection, to, options),
};

const SHARD = /^(?:shard|train|val|test)-\d{6}\.tar$/;

async function fill(reader: Reader, selection: Selection, splits: Splits, media: MediaMode, made: string, leftOut: LeftOut): Promise<void> {
  const series = new Map(['shard', ...SPLITS].map((name) => [name, new Series(made, name)]));
  const keys = new Set<string>();
  try {
    for (const decision of selected(reader, selection)) {
      const image = media === 'none' ? null : await imageOf(decision.uri);
      if (media !== 'none' && image === null) {
        leftOut.add('images that are not where they were, with what is said of them');
        continue;
      }
      const origin = reader.origin(decision.seq);
      const came = (keptBy('webdataset', origin) ?? null) as WebDatasetOrigin['webdataset'] | null;
      if (came === null) leftOut.addBeyond(origin, ['crowd flags']);
      else leftOut.add('members that are no texts', came.others);
      const key = came === null || keys.has(came.key) ? String(decision.seq).padStart(9, '0') : came.key;
      keys.add(key);
      await series.get(splits(decision) ?? 'shard')?.add(key, [...(image === null ? [] : [image]), ...textsOf(decision, came)]);
    }
  } finally {
    for (const each of series.values()) await each.end();
  }
}

type Member = readonly [extension: string, bytes: Buffer];

async function imageOf(uri: string): Promise<Member | null> {
  const bytes = await imageBytes(uri);
  if (bytes === null) return null;
  const extension = extname(uri).slice(1).toLowerCase();
  return [/^[a-z0-9]{2,5}$/.test(extension) ? extension : (formatOf(bytes) ?? 'jpg'), bytes];
}

/** As they came; what was corrected since has no origin any more. */
function textsOf(decision: StoredDecision, came: WebDatasetOrigin['webdataset'] | null): readonly Member[] {
  const own = { ...(typeof decision.label === 'string' ? { cls: decision.label } : {}), json: `${JSON.stringify(lineOf(decision))}\n` };
  return Object.entries(came?.members ?? own).map(([extension, text]) => [extension, Buffer.from(text)]);
}

interface Shard {
  readonly tar: Pack;
  readonly written: Promise<void>;
  samples: number;
  bytes: number;
}

/** Shards of one name, one after the other. */
class Series {
  readonly #folder: string;
  readonly #name: string;
  #number = 0;
  #open: Shard | null = null;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  async add(key: string, members: readonly Member[]): Promise<void> {
    if (this.#open !== null && (this.#open.samples === SAMPLES || this.#open.bytes >= BYTES)) await this.end();
    this.#open ??= this.#begin();
    for (const [extension, bytes] of members) {
      await Promise.race([this.#open.written, put(this.#open.tar, `${key}.${extension}`, bytes)]);
      this.#open.bytes += bytes.length;
    }
    this.#open.samples += 1;
  }

  /** The next sample begins another. */
  async end(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    open?.tar.finalize();
    await open?.written;
  }

  #begin(): Shard {
    const tar = pack();
    const written = pipeline(tar, createWriteStream(join(this.#folder, `${this.#name}-${String(this.#number).padStart(6, '0')}.tar`), { flags: 'wx' }));
    // It is waited for with each member and at the end.
    written.catch(() => {});
    this.#number += 1;
    return { tar, written, samples: 0, bytes: 0 };
  }
}

/** @returns when it is on its way */
function put(tar: Pack, name: string, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry({ name, size: bytes.length, mode: 0o644, mtime: new Date(0) }, (error) => (error instanceof Error ? reject(error) : resolve())).end(bytes);
  });
}
