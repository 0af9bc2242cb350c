import { basename } from 'node:path';
import { SluiceError } from '../../schemas/errors.ts';
import { at, positionInFile } from './position.ts';
import { errno, show } from './text.ts';
import { NotUtf8 } from './utf8.ts';

/** What ended the reading of a text file, as an error of the catalogue: SLUICE_E_SOURCE_SYNTAX where it is not UTF-8, SLUICE_E_SOURCE_UNKNOWN where it cannot be read. One that is of the catalogue stays as it is. */
export async function readFault(file: string, thrown: unknown): Promise<SluiceError> {
  if (thrown instanceof SluiceError) return thrown;
  if (thrown instanceof NotUtf8) return new SluiceError('SLUICE_E_SOURCE_SYNTAX', `${basename(file)}, ${at(await positionInFile(file, thrown.offset))}: the file is not UTF-8. Save it as UTF-8.`, { cause: thrown });
  return new SluiceError('SLUICE_E_SOURCE_UNKNOWN', `${show(file)} cannot be read (${errno(thrown) || String(thrown)}).`, { cause: thrown });
}
