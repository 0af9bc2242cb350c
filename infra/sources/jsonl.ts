import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Entry, Fit } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { givenLabel } from './given-label.ts';
import { manifestIdentity } from './identity.ts';
import { normalise, openRoot, resolveInside, type Root } from './inside.ts';
import { readLines, type Line } from './lines.ts';
import { streamedSource } from './streamed.ts';
import { show, storable } from './text.ts';
import { parseTime } from './time.ts';
import { FILE_FIT, type OpenedSource } from './types.ts';

/** A thousand boxes take a tenth of it. In characters. */
const LONGEST = 4 * 2 ** 20;
/** Where the path of an image stands; the first that is there. `id` is what Sluice's own lines have. */
const PATHS = ['path', 'file_name', 'image', 'id'] as const;

interface Manifest {
  readonly name: string;
  readonly root: Root;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * A manifest of JSON objects, one a line, in stream order: a path (`path`, `file_name`, `image` or `id`), and where they are there `stream`, `time` (ISO 8601 with a
 * zone, or null) and `label` (a class, boxes, or null). The lines of `export --format jsonl` are such a manifest. Further keys say nothing. Read as `streamedSource` says.
 * @param root what paths are relative to; by default the folder of the manifest
 * @throws SluiceError SLUICE_E_SOURCE_SYNTAX, SLUICE_E_CONFIG_INVALID (root)
 */
export async function openJsonl(file: string, root?: string, fit: Fit = FILE_FIT): Promise<OpenedSource> {
  const real = await realpath(file);
  const manifest: Manifest = { name: basename(real), root: await openRoot(root ?? dirname(file)) };
  let [total, timed] = [0, false];
  for await (const { text } of readLines(real, LONGEST)) {
    total += 1;
    timed ||= /"time"\s*:\s*"/.test(text);
  }
  return streamedSource({ name: manifest.name, identity: manifestIdentity('jsonl', real, manifest.root), fit, total, timed, items: () => readLines(real, LONGEST), entry: (line) => entryOf(line, manifest) });
}

async function entryOf({ number, text }: Line, { name, root }: Manifest): Promise<Entry> {
  const where = `${name}, line ${number}`;
  const bad = (cause: string, path = ''): Entry => ({ id: path === '' ? `${name}:${number}` : storable(normalise(path) || path), error: new SluiceError('SLUICE_E_ROW_INVALID', `${where}: ${cause}`) });
  const fields = parsed(text);
  if (fields === null) return bad(`expected a JSON object, found ${show(text, 40)}.`);
  const key = PATHS.find((each) => fields[each] !== undefined);
  const path = key === undefined ? undefined : fields[key];
  if (typeof path !== 'string' || path === '') return bad(key === undefined ? `there is no path (${PATHS.join(', ')}).` : `${key}: expected a path, found ${show(path)}.`);
  const { stream, time: when } = fields;
  if (stream !== undefined && stream !== null && typeof stream !== 'string') return bad(`stream: expected a text, found ${show(stream)}.`, path);
  const time = typeof when === 'string' ? parseTime(when) : null;
  if (time === null && when !== undefined && when !== null) return bad(`time: ${show(when)} is no time of the form 2026-01-31T12:00:00Z (ISO 8601 with Z or an offset).`, path);
  const given = givenLabel(fields['label'], `${where}, label`);
  if (given === null) return bad(`label: expected a class, a list of boxes or null, found ${show(fields['label'])}.`, path);
  const item = await resolveInside(root, path);
  if ('error' in item) return item;
  return { sample: { id: item.id, uri: item.uri, stream: (stream ?? '') || 'default', time, label: given.label, ...(given.faults.length > 0 ? { faults: given.faults } : {}), origin: null } };
}

function parsed(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}
