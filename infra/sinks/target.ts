/** What an export must not take from the user: what the run was made from, the run itself, and whatever no export of the format made. */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SluiceError } from '../../schemas/errors.ts';
import { STORE_FILES } from '../store/schema.ts';
import type { Reader } from '../store/types.ts';
import { firstLine } from './former.ts';
import type { TextFormat } from './types.ts';

/**
 * A pipe or a device takes everything. A file is replaced where it is empty or a former export of the format.
 * @throws SluiceError SLUICE_E_USAGE
 */
export function checkFile(path: string, format: TextFormat, reader: Reader): void {
  const real = realPlace(path);
  const run = realPlace(reader.dir);
  if (STORE_FILES.some((name) => real === join(run, name))) throw usage(`${path} is where the run itself is kept; name another file.`);
  if (material(reader).has(real)) throw usage(`${path} is what this run was made from; name another place.`);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) throw usage(`${path} is a folder; ${format.name} writes a file there.`);
  if (found?.isFile() !== true || found.size === 0) return;
  const line = firstLine(path);
  if (line !== null && format.begins(line)) return;
  throw usage(`${path} is there already and is no former ${format.name} export, so it is left as it is; name another place, or take it away first.`);
}

/**
 * For an export that replaces a folder. That it is a former export of the format is left to `replaceFolder`; here, that nothing depends on what it holds.
 * @throws SluiceError SLUICE_E_USAGE
 */
export function checkFolder(path: string, reader: Reader): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true || readdirSync(path).length === 0) return;
  const real = realPlace(path);
  for (const place of material(reader)) {
    if (place === real) throw usage(`${path} is what this run was made from; name another folder.`);
    if (lies(place, real)) throw usage(`${path} holds ${place}, which this run was made from; name another folder.`);
  }
  const run = realPlace(reader.dir);
  if (lies(run, real)) throw usage(`${path} holds ${run}, where the run itself is kept; name another folder.`);
  for (const { uri } of reader.decisions()) {
    const image = realPlace(uri);
    if (lies(image, real)) throw usage(`${path} holds ${image}, an image of this run; name another folder.`);
  }
}

/** Real paths of the sources of all runs, of their roots and of label files. An identity is `kind:path`, and may end with ` root:path` or ` fps:number`. */
function material(reader: Reader): ReadonlySet<string> {
  const identities = [...reader.runs().map(({ config }) => config.source), ...reader.headers().map(({ source }) => source)];
  const places = identities.flatMap((identity) => {
    const path = identity.slice(identity.indexOf(':') + 1);
    return [path, ...path.split(/ (?:root|fps):/)];
  });
  const labels = reader.runs().flatMap(({ config }) => (config.labels === null ? [] : [realPlace(config.labels)]));
  return new Set([...places, ...labels]);
}

function lies(place: string, folder: string): boolean {
  return place === folder || place.startsWith(folder === '/' ? folder : `${folder}/`);
}

/** The real path, also of what is not there yet. */
function realPlace(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realPlace(above), basename(path));
  }
}

function usage(cause: string): SluiceError {
  return new SluiceError('SLUICE_E_USAGE', cause);
}
