/** Where in a file something is, as an editor shows it. Only called when there is a fault to be told. */
import { createReadStream } from 'node:fs';

export interface Position {
  /** From 1; `\n`, `\r\n` and a lone `\r` each end a line. */
  readonly line: number;
  /** From 1, in characters (code points). */
  readonly column: number;
}

const LF = 10;
const CR = 13;

/** Position of a byte in a UTF-8 file. Reads the file up to there, in bounded memory. */
export async function positionInFile(file: string, offset: number): Promise<Position> {
  let line = 1;
  let column = 1;
  let previous = 0;
  if (offset === 0) return { line, column };
  for await (const chunk of createReadStream(file, { end: offset - 1 }) as AsyncIterable<Buffer>) {
    for (const byte of chunk) {
      if (byte === LF && previous === CR) column = 1;
      else if (byte === LF || byte === CR) [line, column] = [line + 1, 1];
      // Bytes 10xxxxxx go on with a character that has begun.
      else if ((byte & 0xc0) !== 0x80) column += 1;
      previous = byte;
    }
  }
  return { line, column };
}

/** Position of a UTF-16 index in a text. */
export function positionInText(text: string, index: number): Position {
  const before = text.slice(0, index);
  const start = Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1;
  let column = 1;
  for (const _ of before.slice(start)) column += 1;
  return { line: 1 + lineBreaks(before), column };
}

export function lineBreaks(text: string): number {
  if (!text.includes('\n') && !text.includes('\r')) return 0;
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}

export function at(position: Position): string {
  return `line ${position.line}, column ${position.column}`;
}
