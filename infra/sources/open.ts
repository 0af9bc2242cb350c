import { stat } from 'node:fs/promises';
import { extname, isAbsolute, resolve } from 'node:path';
import { SluiceError } from '../../schemas/errors.ts';
import { type Kind, KINDS } from './kinds.ts';
import { withLabels } from './labels.ts';
import { errno, show } from './text.ts';
import type { OpenedSource, SourceOptions } from './types.ts';

/**
 * Opens whatever a location is, told by looking, or as `format` says.
 * @throws SluiceError SLUICE_E_SOURCE_UNKNOWN (nothing there, or nothing Sluice can read), SLUICE_E_FFMPEG (a video, and nothing to
 * read it with), SLUICE_E_SOURCE_SYNTAX (broken manifest, annotation or label file), SLUICE_E_CONFIG_INVALID (root or label file not there, an option that is for another format); all before anything is handed out
 */
export async function openSource(location: string, options: SourceOptions = {}): Promise<OpenedSource> {
  const { root, labels, fps, predictions } = options;
  const kind = await kindOf(location, options.format);
  if (fps !== undefined && kind.name !== 'video') throw new SluiceError('SLUICE_E_CONFIG_INVALID', `--fps is for videos, and ${show(location)} is none.`);
  if (predictions !== undefined && kind.name !== 'coco') throw new SluiceError('SLUICE_E_CONFIG_INVALID', `--predictions is for a COCO JSON, whose ids it names, and ${show(location)} is none.`);
  const opened = await kind.open(location, options);
  const source = root === undefined || kind.rootless === undefined ? opened : told(opened, `--root says nothing for ${kind.rootless}.`);
  return labels === undefined ? source : withLabels(source, labels);
}

async function kindOf(location: string, format: string | undefined): Promise<Kind> {
  const named = format === undefined ? undefined : KINDS.find(({ name }) => name === format);
  if (format !== undefined && named === undefined) throw new SluiceError('SLUICE_E_CONFIG_INVALID', `There is no format ${show(format)} to read; there are ${KINDS.map(({ name }) => name).join(', ')}.`);
  const elsewhere = KINDS.find(({ scheme }) => scheme !== undefined && location.startsWith(scheme));
  if (elsewhere !== undefined && (named ?? elsewhere) === elsewhere) return elsewhere;
  const stats = await stat(location).catch((thrown: unknown) => unreachable(location, thrown));
  if (!stats.isFile() && !stats.isDirectory()) throw new SluiceError('SLUICE_E_SOURCE_UNKNOWN', `${show(location)} is neither a file nor a folder.`);
  const fits = ({ extensions, folder = extensions.length === 0 }: Kind): boolean => (stats.isDirectory() ? folder : extensions.length > 0);
  if (named !== undefined) {
    if (fits(named)) return named;
    throw new SluiceError('SLUICE_E_SOURCE_UNKNOWN', `${show(location)} is no source of the format ${named.name}: ${named.known}.`);
  }
  const extension = extname(location).toLowerCase();
  for (const kind of KINDS.filter(fits)) {
    if ((stats.isDirectory() || kind.extensions.includes(extension)) && kind.looks !== false && (await kind.looks?.(location)) !== false) return kind;
  }
  throw new SluiceError('SLUICE_E_SOURCE_UNKNOWN', `${show(location)} is no source by its looks; formats are ${KINDS.map(({ name }) => name).join(', ')}.`);
}

/** @param warning beside those of the source */
function told(source: OpenedSource, warning: string): OpenedSource {
  const { identity, total, fit, header, timed, faults } = source;
  return { identity, total, fit, header, timed, faults, next: (limit) => source.next(limit), close: () => source.close(), warnings: () => [warning, ...source.warnings()] };
}

function unreachable(location: string, thrown: unknown): never {
  const why = errno(thrown) === 'ENOENT' || errno(thrown) === 'ENOTDIR' ? 'There is nothing at' : `(${errno(thrown) || String(thrown)}) Nothing can be read at`;
  throw new SluiceError('SLUICE_E_SOURCE_UNKNOWN', `${why} ${show(location)}${isAbsolute(location) ? '' : ` (${show(resolve(location))})`}.`, { cause: thrown });
}
