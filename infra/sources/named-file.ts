/** Files that somebody names in a configuration. */
import { readFileSync, statSync } from 'node:fs';
import { SluiceError } from '../../schemas/errors.ts';

/** @param called what errors call it. @param largest bytes. @throws SluiceError SLUICE_E_CONFIG_INVALID where it cannot be read, is no regular file or a larger one */
export function readNamed(file: string, called: string, largest: number): Buffer {
  const refuse = (why: string, cause?: unknown): SluiceError => new SluiceError('SLUICE_E_CONFIG_INVALID', `${called} ${why}`, { cause });
  try {
    const stat = statSync(file);
    if (!stat.isFile()) throw refuse('is no regular file');
    if (stat.size > largest) throw refuse(`has ${stat.size} bytes; one of more than ${largest} is refused`);
    return readFileSync(file);
  } catch (thrown) {
    if (thrown instanceof SluiceError) throw thrown;
    throw refuse(`could not be read (${(thrown as NodeJS.ErrnoException).code ?? String(thrown)})`, thrown);
  }
}
