import { createReadStream } from 'node:fs';

export interface QuoteFault {
  /** In bytes from the beginning of the file. */
  readonly offset: number;
  readonly what: string;
  /** Where the field in question was opened, if a quote too many is more likely to lie there. */
  readonly opened: number | null;
}

const [QUOTE, COMMA, LF, CR] = [0x22, 0x2c, 0x0a, 0x0d];

/**
 * Finds what a CSV parser stumbled over: it names the place where it gave up, which for a quote that is never closed is the end of the file.
 * Only called after a fault. A byte order mark before the first quote is passed over.
 * @param longest longest row in bytes
 * @returns the first fault, null where there is none
 */
export async function findQuoteFault(file: string, longest: number): Promise<QuoteFault | null> {
  let offset = 0;
  let row = 0;
  let opened = -1;
  // start: of a field · bare: in a field without quotes · quoted: between quotes · closed: after a quote inside quotes
  let state: 'start' | 'bare' | 'quoted' | 'closed' = 'start';
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    const bom = offset === 0 && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? 3 : 0;
    for (const byte of bom > 0 ? chunk.subarray(bom) : chunk) {
      const here = offset + bom;
      const ends = byte === LF || byte === CR;
      if (state === 'quoted') {
        if (byte === QUOTE) state = 'closed';
      } else if (state === 'closed' && byte === QUOTE) state = 'quoted';
      else if (byte === COMMA || ends) state = 'start';
      else if (state === 'closed') return { offset: here, opened, what: 'after a closing quote there must be a comma or the end of the line; a quote inside quotes is written twice.' };
      else if (byte === QUOTE && state === 'bare') return { offset: here, opened: null, what: 'a quote in the middle of a field; put the whole field into quotes and write the quote twice.' };
      else if (byte === QUOTE) [state, opened] = ['quoted', here];
      else state = 'bare';
      if (ends && state === 'start') row = here + 1;
      else if (here - row >= longest && state === 'quoted') return { offset: opened, opened: null, what: `the quote opened here is not closed within ${longest} bytes.` };
      else if (here - row >= longest) return { offset: row, opened: null, what: `the row is longer than ${longest} bytes.` };
      offset += 1;
    }
    offset += bom;
  }
  return state === 'quoted' ? { offset: opened, opened: null, what: 'the quote opened here is never closed.' } : null;
}
