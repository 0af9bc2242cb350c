import { isUtf8 } from 'node:buffer';

/** Raised for the first byte that is no UTF-8; the offset is within what was checked. */
export class NotUtf8 extends Error {
  readonly offset: number;

  constructor(offset: number) {
    super('not UTF-8');
    this.offset = offset;
  }
}

/** Passes bytes on unchanged, in whole characters. @throws NotUtf8 */
export async function* checkUtf8(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let carry: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of chunks) {
    const bytes = carry.length > 0 ? Buffer.concat([carry, chunk]) : chunk;
    const whole = bytes.length - unfinished(bytes, bytes.length);
    if (!isUtf8(bytes.subarray(0, whole))) throw new NotUtf8(offset + firstFault(bytes));
    if (whole > 0) yield bytes.subarray(0, whole);
    carry = bytes.subarray(whole);
    offset += whole;
  }
  if (carry.length > 0) throw new NotUtf8(offset);
}

/** Offset of the first byte that is no part of valid UTF-8; the length where all is valid. */
export function firstFault(bytes: Buffer): number {
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (isUtf8(bytes.subarray(0, middle - unfinished(bytes, middle)))) good = middle;
    else bad = middle;
  }
  return good - unfinished(bytes, good);
}

/** How many of the last bytes before `end` begin a character that goes on after it. */
function unfinished(bytes: Buffer, end: number): number {
  for (let back = 1; back <= Math.min(3, end); back += 1) {
    const byte = bytes[end - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}
