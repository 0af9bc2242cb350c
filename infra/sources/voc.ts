import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import type { Entry, Fit } from '../../operators/ports.ts';
import { FaultCounts } from '../../schemas/annotations.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { passedOver } from './folder.ts';
import { openRoot, place, type Root } from './inside.ts';
import { listedSource } from './listed.ts';
import { errno, show } from './text.ts';
import { FILE_FIT, type OpenedSource } from './types.ts';
import { parseVoc } from './voc-annotation.ts';
import { walk, walkedEntry } from './walk.ts';
import { XmlFault } from '../xml/read.ts';

/** An annotation file is a few lines an object. In bytes. */
const LARGEST = 16 * 1024 * 1024;
const IMAGES = 'JPEGImages/';
const ANNOTATIONS = 'Annotations/';

/** What an image's annotation file held, for an export that gives it back; null: no file. */
interface VocOrigin {
  readonly voc: string | null;
}

/**
 * A Pascal VOC folder: `JPEGImages`, and for each image an XML file of its name in `Annotations`. No such file: nothing is known of the image; one without
 * objects: it shows none. A bad object is left out of the label and told in `faults`; a file that cannot be read makes its image a dead letter.
 * Ids are relative to the folder, in byte order.
 * @throws SluiceError SLUICE_E_SOURCE_UNKNOWN when it cannot be listed
 */
export async function openVoc(folder: string, fit: Fit = FILE_FIT): Promise<OpenedSource> {
  const root = await openRoot(folder);
  const walked = await walk(root, (name) => name.toLowerCase().endsWith('.xml'));
  const paths = walked.paths.filter((key) => key.startsWith(IMAGES));
  const images = new Set(paths.map(annotationPath));
  const strays = new FaultCounts();
  for (const key of walked.others) {
    if (!key.startsWith(ANNOTATIONS) || images.has(key)) continue;
    strays.add({ code: 'SLUICE_E_ANNOTATION_IMAGE', cause: `${Buffer.from(key, 'latin1').toString('utf8')}: there is no image of this name in ${IMAGES}.` });
  }
  const entry = async (index: number): Promise<Entry> => {
    const item = await walkedEntry(root, walked, paths[index] ?? '');
    return 'error' in item ? item : annotated(root, item);
  };
  return listedSource({ identity: `voc:${root.path || '/'}`, fit, header: null, count: paths.length, entry, warnings: passedOver(walked, false), faults: strays.list() });
}

function annotationPath(path: string): string {
  const dot = path.lastIndexOf('.');
  return `${ANNOTATIONS}${path.slice(IMAGES.length, dot > path.lastIndexOf('/') + 1 ? dot : undefined)}.xml`;
}

async function annotated(root: Root, { id, uri }: { readonly id: string; readonly uri: string }): Promise<Entry> {
  const path = annotationPath(id);
  const bad = (cause: string): Entry => ({ id, error: new SluiceError('SLUICE_E_LABEL_INVALID', cause) });
  const sample = { id, uri, stream: 'default', time: null };
  const found = await place(root, path);
  if (found.at === 'outside') return { id, error: new SluiceError('SLUICE_E_PATH_OUTSIDE_ROOT', `The annotation file: ${found.cause}`) };
  if (found.at === 'missing') return { sample: { ...sample, label: null, origin: JSON.stringify({ voc: null } satisfies VocOrigin) } };
  if (found.at !== 'inside') return bad(`The annotation file: ${found.cause}`);
  if (found.size > LARGEST) return bad(`${path} has ${found.size} bytes; annotation files are read up to ${LARGEST}.`);
  const bytes = await readFile(found.uri).catch((thrown: unknown) => errno(thrown) || String(thrown));
  if (typeof bytes === 'string') return bad(`The annotation file ${show(path)} cannot be read (${bytes}).`);
  if (!isUtf8(bytes)) return bad(`${path} is not UTF-8.`);
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  try {
    const { label, faults } = parseVoc(text, path);
    return { sample: { ...sample, label, ...(faults.length > 0 ? { faults } : {}), origin: JSON.stringify({ voc: text } satisfies VocOrigin) } };
  } catch (thrown) {
    if (thrown instanceof XmlFault) return bad(`${path}, line ${thrown.line}, column ${thrown.column}: ${thrown.message}.`);
    throw thrown;
  }
}
