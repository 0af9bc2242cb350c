/** Lines of a UTF-8 text file (`\n` or `\r\n`; a byte order mark is taken), read as a stream. */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { SluiceError } from '../../schemas/errors.ts';
import { readFault } from './read-fault.ts';
import { checkUtf8 } from './utf8.ts';

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/**
 * Lines that hold more than spaces, in order. Held: one line and a piece of the file.
 * @param longest characters of a line
 * @throws SluiceError SLUICE_E_SOURCE_SYNTAX for a line that is too long and for bytes that are no UTF-8; SLUICE_E_SOURCE_UNKNOWN when the file cannot be read
 */
export async function* readLines(file: string, longest: number): AsyncGenerator<Line> {
  const name = basename(file);
  let rest = '';
  let number = 0;
  try {
    for await (const bytes of checkUtf8(createReadStream(file))) {
      const parts = (rest + bytes.toString('utf8')).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) yield* whole(part, (number += 1));
      if (rest.length > longest) throw new SluiceError('SLUICE_E_SOURCE_SYNTAX', `${name}, line ${number + 1}: the line is longer than ${longest} characters.`);
    }
    yield* whole(rest, number + 1);
  } catch (thrown) {
    throw await readFault(file, thrown);
  }
}

function* whole(part: string, number: number): Generator<Line> {
  const text = (number === 1 ? part.replace(/^\ufeff/, '') : part).trim();
  if (text !== '') yield { number, text };
}
