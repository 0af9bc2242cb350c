import { open, realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Entry, Fit } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { isFields } from './coco-values.ts';
import { manifestIdentity } from './identity.ts';
import { normalise, openRoot, resolveInside, type Root } from './inside.ts';
import type { Json } from './json.ts';
import { parsePart, readParts } from './json-parts.ts';
import { imageOf, saidOf } from './label-studio-task.ts';
import { streamedSource } from './streamed.ts';
import { show, storable } from './text.ts';
import { FILE_FIT, type OpenedSource } from './types.ts';

interface Task extends Json {
  readonly index: number;
}

/** A JSON file that is a list; one of COCO is an object. */
export async function isList(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096));
    return buffer.toString('utf8', 0, bytesRead).replace(/^\ufeff/, '').trimStart().startsWith('[');
  } finally {
    await handle.close();
  }
}

/**
 * Tasks exported from Label Studio as JSON, in the order of the file. What an annotation says becomes boxes round rectangles, polygons and ellipses, or the
 * class of a choice. `origin` is the task. Read as `streamedSource` says, one task at a time.
 * @param root what paths of images are relative to: the document root of local files, or the media folder of uploads; by default the folder of the file
 * @throws SluiceError SLUICE_E_SOURCE_SYNTAX, SLUICE_E_CONFIG_INVALID (root)
 */
export async function openLabelStudio(file: string, root?: string, fit: Fit = FILE_FIT): Promise<OpenedSource> {
  const real = await realpath(file);
  const name = basename(real);
  const base = await openRoot(root ?? dirname(file));
  let total = 0;
  for await (const _ of tasks(real)) total += 1;
  return streamedSource({ name, identity: manifestIdentity('label-studio', real, base), fit, total, items: () => tasks(real), entry: (task) => entryOf(task, name, base) });
}

async function* tasks(file: string): AsyncGenerator<Task> {
  let index = 0;
  for await (const part of readParts(file, [null])) {
    if (part.kind === 'list') continue;
    if (part.kind === 'member') throw new SluiceError('SLUICE_E_SOURCE_SYNTAX', `${basename(file)}, at the top: expected a list of tasks.`);
    yield { index, ...(await parsePart(file, part)) };
    index += 1;
  }
}

async function entryOf({ index, value, text }: Task, file: string, root: Root): Promise<Entry> {
  const where = `${file}, [${index}]`;
  const bad = (cause: string, path = `${file}:[${index}]`): Entry => ({ id: storable(normalise(path) || path), error: new SluiceError('SLUICE_E_ROW_INVALID', `${where}${cause}`) });
  if (!isFields(value)) return bad(`: expected a task, found ${show(value)}.`);
  const image = imageOf(value);
  if ('cause' in image) return bad(`.${image.cause}`);
  const item = await resolveInside(root, image.path);
  if ('error' in item) return item;
  const { label, faults } = saidOf(value, where);
  return { sample: { id: item.id, uri: item.uri, stream: 'default', time: null, label, ...(faults.length > 0 ? { faults } : {}), origin: `{"label_studio":${text}}` } };
}
