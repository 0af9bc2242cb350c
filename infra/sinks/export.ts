import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SluiceError } from '../../schemas/errors.ts';
import { STORE_FILES } from '../store/schema.ts';
import type { Reader } from '../store/types.ts';
import { formatNamed } from './formats.ts';
import { writeFile, writeStream } from './output.ts';
import { countSelected } from './select.ts';
import type { Selection, TextFormat } from './types.ts';

export interface ExportOptions {
  /** A key of `formats`. */
  readonly format: string;
  /** A file or folder, as the format wants it; `-` for standard output. */
  readonly to: string;
  readonly verdict: Selection;
}

/**
 * Writes the verdicts of a folder in another format. What stands at `to` is replaced whole at the end, or not at all.
 * @returns how many items were written
 * @throws SluiceError SLUICE_E_USAGE, SLUICE_E_UNSUPPORTED, SLUICE_E_DISK_FULL, SLUICE_E_NOT_WRITABLE, SLUICE_E_STORE_CORRUPT
 */
export async function exportTo(reader: Reader, { format: name, to, verdict }: ExportOptions): Promise<number> {
  const format = await formatNamed(name);
  if (to === '-') {
    if (format.kind === 'folder') throw new SluiceError('SLUICE_E_USAGE', `The format ${name} is a folder of files and cannot go to standard output.`);
    await writeStream(process.stdout, format.text(reader, verdict));
  } else {
    const place = resolve(to);
    if (format.kind === 'folder') format.write(reader, verdict, place);
    else writeFile(fileOf(format, place, reader), format.text(reader, verdict));
  }
  return countSelected(reader, verdict);
}

function fileOf(format: TextFormat, place: string, reader: Reader): string {
  if (format.path !== null) return join(place, format.path);
  const real = existsSync(place) ? realpathSync(place) : place;
  if (STORE_FILES.some((name) => real === join(realpathSync(reader.dir), name))) throw new SluiceError('SLUICE_E_USAGE', `${place} is where the run itself is kept; give another file.`);
  return place;
}
