/** What all exports that are folders with images share: taking the place of a former one, images, the card, and what was left out. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolders } from '../store/folders.ts';
import type { Reader } from '../store/types.ts';
import { CARD, cardMark, writeCard } from './card.ts';
import { replaceFolder, type Former } from './folder.ts';
import { LeftOut } from './left-out.ts';
import { Media } from './media.ts';
import type { FolderOptions, Selection } from './types.ts';

interface Plan {
  /** Of the format. */
  readonly name: string;
  /** How a former export is known; by the card where nothing else is said. */
  readonly mark?: Former['mark'];
  /** What it writes at the top of the folder. */
  readonly entries: readonly string[];
  /** Names of further files there, as many as it takes. */
  readonly shards?: RegExp;
  /** Its folders of images. */
  readonly images: readonly string[];
  readonly fill: (made: string, media: Media, leftOut: LeftOut) => void | Promise<void>;
}

/** @returns what the user should know of it. @throws as `replaceFolder` */
export async function writeDataset({ name, mark, entries, shards, images, fill }: Plan, reader: Reader, selection: Selection, to: string, { media: mode, splits }: FolderOptions): Promise<readonly string[]> {
  const media = new Media(mode);
  const leftOut = new LeftOut();
  const card = { file: CARD, line: cardMark(name) };
  await replaceFolder(to, { mark: mark ?? card, card, entries, ...(shards === undefined ? {} : { shards }), images }, async (made) => {
    await fill(made, media, leftOut);
    media.finish(made);
    writeCard(made, name, reader, selection, splits, leftOut.warnings(name));
  });
  return [...media.warnings(images.length === 1 ? join(to, ...images) : to), ...leftOut.warnings(name)];
}

/** One small file of many. Not synced one by one: ten thousand times that takes minutes, and the export can be made again. */
export function writeSmall(path: string, text: string): void {
  makeFolders(dirname(path));
  writeFileSync(path, text, { flag: 'wx' });
}
