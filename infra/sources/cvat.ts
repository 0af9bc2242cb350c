import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Entry, Fit } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { type Element, readXmlFile } from '../xml/read.ts';
import { type Tree, treeOf } from '../xml/tree.ts';
import { labelOf } from './cvat-image.ts';
import { manifestIdentity } from './identity.ts';
import { openRoot, resolveInside, type Root } from './inside.ts';
import { streamedSource } from './streamed.ts';
import { FILE_FIT, type OpenedSource } from './types.ts';

/** An image with its shapes. In characters. */
const LARGEST = 64 * 2 ** 20;

/** What an export gives back: an image as it came, and in the header what stands beside the images. */
export interface CvatOrigin {
  readonly cvat: Tree;
}
export interface CvatHeader {
  readonly cvat: readonly Tree[];
}

/**
 * A file of CVAT's format for images (1.1): the images in the order of the file, with the boxes round their shapes, or the class of a tag. Read as
 * `streamedSource` says, one image at a time.
 * @param root what names of images are relative to; by default the folder `images` beside the file, or its own where there is none
 * @throws SluiceError SLUICE_E_SOURCE_SYNTAX with line and column, SLUICE_E_UNSUPPORTED (tracks of a video), SLUICE_E_CONFIG_INVALID (root)
 */
export async function openCvat(file: string, root?: string, fit: Fit = FILE_FIT): Promise<OpenedSource> {
  const real = await realpath(file);
  const name = basename(real);
  const beside = join(dirname(file), 'images');
  const base = await openRoot(root ?? ((await stat(beside).catch(() => null))?.isDirectory() === true ? beside : dirname(file)));
  const header: Tree[] = [];
  let total = 0;
  for await (const element of elements(real)) {
    if (element.name === 'image') total += 1;
    else if (element.name !== 'track') header.push(treeOf(element));
    else throw new SluiceError('SLUICE_E_UNSUPPORTED', `${name}, line ${element.line}: this is CVAT's format for videos, with tracks; export the task as "CVAT for images".`);
  }
  return streamedSource({ name, identity: manifestIdentity('cvat', real, base), fit, header: JSON.stringify({ cvat: header } satisfies CvatHeader), total, items: () => imagesOf(real), entry: (image) => entryOf(image, name, base) });
}

async function* elements(file: string): AsyncGenerator<Element> {
  yield* readXmlFile(file, 'annotations', LARGEST);
}

async function* imagesOf(file: string): AsyncGenerator<Element> {
  for await (const element of elements(file)) if (element.name === 'image') yield element;
}

async function entryOf(image: Element, file: string, root: Root): Promise<Entry> {
  const path = image.attributes['name'] ?? '';
  if (path === '') return { id: `${file}:${image.line}`, error: new SluiceError('SLUICE_E_ROW_INVALID', `${file}, line ${image.line}: the image has no name.`) };
  const item = await resolveInside(root, path);
  if ('error' in item) return item;
  const { label, faults } = labelOf(image, file);
  return { sample: { id: item.id, uri: item.uri, stream: 'default', time: null, label, ...(faults.length > 0 ? { faults } : {}), origin: JSON.stringify({ cvat: treeOf(image) } satisfies CvatOrigin) } };
}

