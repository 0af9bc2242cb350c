import type { Entry, Fit } from '../../operators/ports.ts';
import { openRoot } from './inside.ts';
import { listedSource } from './listed.ts';
import { firstFive, plural } from './text.ts';
import { FILE_FIT, type OpenedSource } from './types.ts';
import { walk, walkedEntry, type Walked } from './walk.ts';

/**
 * A plain folder: every regular file that is not hidden, by the byte order of its path, which is its id. No labels, no times.
 * The list is made once, at open; files that come later are seen by the next run.
 * @throws SluiceError SLUICE_E_SOURCE_UNKNOWN when it cannot be listed
 */
export async function openFolder(folder: string, fit: Fit = FILE_FIT): Promise<OpenedSource> {
  const root = await openRoot(folder);
  const found = await walk(root);
  const entry = async (index: number): Promise<Entry> => {
    const item = await walkedEntry(root, found, found.paths[index] ?? '');
    if ('error' in item) return item;
    return { sample: { id: item.id, uri: item.uri, stream: 'default', time: null, label: null, origin: null } };
  };
  return listedSource({ identity: `folder:${root.path || '/'}`, fit, header: null, count: found.paths.length, entry, warnings: passedOver(found) });
}

/** What a walk left aside, in sentences. */
export function passedOver(found: Walked, kinds = true): string[] {
  const warnings: string[] = [];
  if (found.linkedFolders.length > 0) {
    const names = found.linkedFolders.sort().map((key) => Buffer.from(key, 'latin1').toString('utf8'));
    warnings.push(`${plural(names.length, 'linked folder was', 'linked folders were')} not followed: ${firstFive(names)}.`);
  }
  if (kinds && found.otherKinds > 0) warnings.push(`${plural(found.otherKinds, 'file')} of plainly another kind (by extension) ${found.otherKinds === 1 ? 'was' : 'were'} passed over.`);
  return warnings;
}
