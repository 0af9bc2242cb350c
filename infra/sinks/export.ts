import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SluiceError } from '../../schemas/errors.ts';
import { storeFailure } from '../store/failure.ts';
import type { Reader } from '../store/types.ts';
import { formatNamed } from './formats.ts';
import { LeftOut } from './left-out.ts';
import type { MediaMode } from './media.ts';
import { writeFile, writeStream } from './output.ts';
import { countSelected, selected } from './select.ts';
import { parseSplits, storedSplits } from './splits.ts';
import { grown } from './grown.ts';
import { checkFile, checkFolder } from './target.ts';
import type { FolderOptions, Format, Selection, TextFormat } from './types.ts';

export interface ExportOptions {
  /** A key of `formats`. */
  readonly format: string;
  /** A file or folder, as the format wants it; `-` for standard output. */
  readonly to: string;
  readonly verdict: Selection;
  /** How images come into a folder; hard links where nothing is said. */
  readonly media?: MediaMode | undefined;
  /** Shares of a split, as `parseSplits` takes them; without, the split of the run. */
  readonly split?: string | undefined;
  /** What was admitted when this version was made, as it was then. */
  readonly version?: string | undefined;
  /** Without what this version has. */
  readonly since?: string | undefined;
}

/**
 * Writes the verdicts of a folder in another format. What stands at `to` is replaced whole at the end, or not at all, and only where an export of the
 * same format made it.
 * @param warn takes what the user should know of the export, a sentence each; without, it goes to standard error
 * @returns how many items were written
 * @throws SluiceError SLUICE_E_USAGE, SLUICE_E_NOT_FOUND (no such version), SLUICE_E_UNSUPPORTED, SLUICE_E_DISK_FULL, SLUICE_E_NOT_WRITABLE, SLUICE_E_STORE_CORRUPT
 */
export async function exportTo(folder: Reader, { format: name, to, verdict, media, split, version, since }: ExportOptions, warn = onStandardError): Promise<number> {
  const named = await formatNamed(name);
  const format = named.kind === 'text' && (media ?? split) !== undefined ? (named.folder ?? named) : named;
  if (verdict !== 'admit' && (version ?? since) !== undefined) throw new SluiceError('SLUICE_E_USAGE', '--version and --since are of what is admitted: leave --verdict out.');
  const reader = grown(folder, { version, since }, warn);
  if (format.kind === 'text' && (media ?? split) !== undefined) throw new SluiceError('SLUICE_E_USAGE', `--media and --split are for formats that are folders with images; ${name} is a text.`);
  const splits = split === undefined ? storedSplits : parseSplits(split, reader.runs().at(-1)?.config.seed ?? 0);
  if (to === '-') {
    if (format.kind === 'folder') throw new SluiceError('SLUICE_E_USAGE', `The format ${name} is a folder of files and cannot go to standard output.`);
    await writeStream(process.stdout, format.text(reader, verdict));
    lacking(format, reader, verdict).forEach(warn);
  } else {
    for (const warning of await write(format, reader, verdict, resolve(to), { media: media ?? 'hardlink', splits })) warn(warning);
  }
  return countSelected(reader, verdict);
}

async function write(format: Format, reader: Reader, verdict: Selection, place: string, options: FolderOptions): Promise<readonly string[]> {
  try {
    const folder = format.kind === 'folder' || format.path !== null;
    const found = statSync(place, { throwIfNoEntry: false });
    if (folder && found !== undefined && !found.isDirectory()) throw new SluiceError('SLUICE_E_USAGE', `${place} is a file; ${format.name} needs a folder.`);
    if (format.kind === 'folder') {
      checkFolder(place, reader);
      return await format.write(reader, verdict, place, options);
    }
    const file = format.path === null ? place : join(place, format.path);
    checkFile(file, format, reader);
    writeFile(file, format.text(reader, verdict));
    return lacking(format, reader, verdict);
  } catch (thrown) {
    throw storeFailure(thrown, place);
  }
}

function lacking(format: TextFormat, reader: Reader, verdict: Selection): readonly string[] {
  const leftOut = new LeftOut();
  for (const decision of selected(reader, verdict)) format.lacks(decision, reader.origin(decision.seq), leftOut);
  return leftOut.warnings(format.name);
}

function onStandardError(warning: string): void {
  process.stderr.write(`warning: ${warning}\n`);
}
