import type { Entry, Fit } from '../../operators/ports.ts';
import { passedOver } from './folder.ts';
import { openRoot } from './inside.ts';
import { listedSource } from './listed.ts';
import { firstFive, plural } from './text.ts';
import { FILE_FIT, type OpenedSource } from './types.ts';
import { walk, walkedEntry } from './walk.ts';

/**
 * A folder whose folders are classes, as torchvision's ImageFolder and Keras read it: the first folder on the way to an image is its class. An image that lies
 * in none has no label. Else as a plain folder is read.
 * @throws SluiceError SLUICE_E_SOURCE_UNKNOWN when it cannot be listed
 */
export async function openClassFolders(folder: string, fit: Fit = FILE_FIT): Promise<OpenedSource> {
  const root = await openRoot(folder);
  const found = await walk(root);
  const outside = found.paths.filter((key) => !key.includes('/'));
  const entry = async (index: number): Promise<Entry> => {
    const item = await walkedEntry(root, found, found.paths[index] ?? '');
    if ('error' in item) return item;
    const { id, uri } = item;
    return { sample: { id, uri, stream: 'default', time: null, label: id.includes('/') ? id.slice(0, id.indexOf('/')) : null, origin: null } };
  };
  const names = outside.map((key) => Buffer.from(key, 'latin1').toString('utf8'));
  const warnings = [...passedOver(found), ...(outside.length === 0 ? [] : [`${plural(outside.length, 'image lies', 'images lie')} in no folder, and so without a class: ${firstFive(names)}.`])];
  return listedSource({ identity: `class-folders:${root.path || '/'}`, fit, header: null, count: found.paths.length, entry, warnings });
}
