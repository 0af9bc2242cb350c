import { isUtf8 } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { positionInFile } from '../../../../infra/sources/position.ts';
import { findQuoteFault } from '../../../../infra/sources/quote-fault.ts';
import { LONGEST_ROW, readRows, type Row } from '../../../../infra/sources/rows.ts';
import { checkUtf8, firstFault, NotUtf8 } from '../../../../infra/sources/utf8.ts';
import { faultOf, folder } from './fixtures.ts';

function file(content: string | Buffer): string {
  return join(folder({ 'list.csv': content }), 'list.csv');
}

async function rows(path: string): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of readRows(path)) all.push(row);
  return all;
}

async function lines(content: string | Buffer): Promise<[number, ...string[]][]> {
  return (await rows(file(content))).map((row) => [row.line, ...row.fields]);
}

async function fault(content: string | Buffer): Promise<string> {
  const error = await faultOf(rows(file(content)));
  expect(error.code).toBe('SLUICE_E_SOURCE_SYNTAX');
  return error.message;
}

describe('rows and their lines', () => {
  test.each(['\n', '\r\n', '\r'])('line ends %j, also inside quotes and on empty lines', async (end) => {
    const text = ['a,b', '', '"x', 'y",1', '', '', '"",2', 'z,"p""q', 'r', 's"', 'last,'].join(end);
    expect(await lines(text)).toStrictEqual([[1, 'a', 'b'], [3, `x${end}y`, '1'], [7, '', '2'], [8, 'z', `p"q${end}r${end}s`], [11, 'last', '']]);
  });

  test('line ends of several kinds in one file', async () => {
    expect(await lines('a\r\nb\nc\rd\n\r\n"e\r\nf"\r\ng')).toStrictEqual([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'd'], [6, 'e\r\nf'], [8, 'g']]);
  });

  test('an empty line is no row, one with quotes around nothing is', async () => {
    expect(await lines('\n\na\n\n""\n \n')).toStrictEqual([[3, 'a'], [5, ''], [6, ' ']]);
  });

  test('a byte order mark is no part of the first name', async () => {
    expect(await lines('\ufeffpath\nx')).toStrictEqual([[1, 'path'], [2, 'x']]);
    expect(await lines('\ufeff"path"\nx')).toStrictEqual([[1, 'path'], [2, 'x']]);
    expect(await lines('\ufeff')).toStrictEqual([]);
    expect(await lines('')).toStrictEqual([]);
  });

  test('fields are kept as they are: spaces, NULs, unicode forms', async () => {
    expect(await lines(' a , b\0,e\u0301,\u00e9\n')).toStrictEqual([[1, ' a ', ' b\0', 'e\u0301', '\u00e9']]);
  });

  test('pieces of the file that end inside characters, quotes and line ends', async () => {
    for (let shift = 0; shift < 8; shift += 1) {
      const row = '"€\r\n""😀"",",x\r\n';
      const count = 12_000;
      const all = await lines(`${'s'.repeat(shift)},x\r\n${row.repeat(count)}`);
      expect(all).toHaveLength(count + 1);
      expect(all.slice(1).every(([line, first], i) => line === 2 * i + 2 && first === '€\r\n"😀",')).toBe(true);
    }
  });

  test('a reader that stops early ends the reading', async () => {
    const reader = readRows(file('a\n'.repeat(100_000)));
    expect((await reader.next()).value).toStrictEqual({ line: 1, fields: ['a'] });
    await reader.return(undefined);
    expect((await reader.next()).done).toBe(true);
  });
});

describe('faults', () => {
  test('a quote that is never closed is told where it was opened', async () => {
    expect(await fault('path\na\nb,"c\nd\ne')).toBe('list.csv, line 3, column 3: the quote opened here is never closed.');
    expect(await fault('\ufeff"path')).toBe('list.csv, line 1, column 2: the quote opened here is never closed.');
    expect(await fault('é€😀,"x')).toMatch(/line 1, column 5:/);
  });

  test('characters after a closing quote; the opening one is named when it lies lines above', async () => {
    expect(await fault('path\n"a"b\n')).toMatch(/line 2, column 4: after a closing quote/);
    expect(await fault('path\n"a\nb\n"c",d\n')).toMatch(/line 4, column 2: after a closing quote.* opened at line 2, column 1/);
  });

  test('a quote in the middle of a field', async () => {
    expect(await fault('path\n\na "b".jpg\n')).toMatch(/line 3, column 3: a quote in the middle/);
  });

  test('a row of 10 MB, with and without a quote', async () => {
    expect(await fault(`path\nx\n${'a'.repeat(10_000_000)}\n`)).toMatch(/line 3, column 1: the row is longer than 1048576 bytes/);
    expect(await fault(`path\nx,"${'a\n'.repeat(5_000_000)}`)).toMatch(/line 2, column 3: the quote opened here is not closed within 1048576 bytes/);
  });

  test('a row just short of the limit is read', async () => {
    const long = 'a'.repeat(LONGEST_ROW - 10);
    expect((await lines(`path\n${long}\nb`)).map(([line, path]) => [line, path?.length])).toStrictEqual([[1, 4], [2, long.length], [3, 1]]);
  });

  test('bytes that are no UTF-8', async () => {
    expect(await fault(Buffer.from('path\nd\xe9.jpg\n', 'latin1'))).toMatch(/line 2, column 2: the file is not UTF-8/);
    expect(await fault(Buffer.concat([Buffer.from('path\nä€'), Buffer.from([0xe2, 0x82])]))).toMatch(/line 2, column 3: the file is not UTF-8/);
    expect(await fault(Buffer.from('\ufeffpath\na\n', 'utf16le'))).toMatch(/line 1, column 1: the file is not UTF-8/);
    expect(await fault(Buffer.concat([Buffer.from('x\n'.repeat(100_000)), Buffer.from([0xff])]))).toMatch(/line 100001, column 1/);
  });

  test('a file that cannot be read', async () => {
    expect((await faultOf(rows(folder()))).code).toBe('SLUICE_E_SOURCE_UNKNOWN');
    expect((await faultOf(rows('/none'))).code).toBe('SLUICE_E_SOURCE_UNKNOWN');
  });

  test('the search for a quote fault finds one exactly where csv-parse refuses', async () => {
    const path = file('');
    let [refused, read] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r'), maxLength: 14 }), async (text) => {
        writeFileSync(path, text);
        const outcome = await rows(path).then(() => 'read', () => 'refused');
        if (outcome === 'read') read += 1;
        else refused += 1;
        expect((await findQuoteFault(path, LONGEST_ROW)) === null ? 'read' : 'refused').toBe(outcome);
      }),
      { numRuns: 400 },
    );
    expect(Math.min(refused, read)).toBeGreaterThan(20);
  }, 30_000);
});

describe('checkUtf8', () => {
  const bytes = fc.array(fc.oneof(fc.constantFrom(0x41, 0x0a, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xff), fc.integer({ min: 0, max: 255 })), { maxLength: 24 }).map((list) => Buffer.from(list));

  test('agrees with isUtf8 however the bytes are cut, and passes them on unchanged', async () => {
    const texts = fc.oneof(bytes, fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)));
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 24 }), async (whole, cuts) => {
        async function* pieces(): AsyncGenerator<Buffer> {
          let at = 0;
          for (const cut of cuts) yield whole.subarray(at, (at += cut));
          yield whole.subarray(at);
        }
        const parts: Buffer[] = [];
        try {
          for await (const part of checkUtf8(pieces())) parts.push(part);
          expect(Buffer.concat(parts)).toStrictEqual(whole);
          expect(isUtf8(whole)).toBe(true);
        } catch (thrown) {
          if (!(thrown instanceof NotUtf8)) throw thrown;
          expect(isUtf8(whole)).toBe(false);
          expect(thrown.offset).toBe(firstFault(whole));
          expect(isUtf8(whole.subarray(0, thrown.offset))).toBe(true);
        }
      }),
    );
  }, 30_000);

  test('names the first bad byte', () => {
    expect(firstFault(Buffer.from([0x41, 0xc3, 0x41]))).toBe(1);
    expect(firstFault(Buffer.from([0x41, 0xff, 0x41, 0xff]))).toBe(1);
    expect(firstFault(Buffer.from([0xe2, 0x82, 0xac, 0x80]))).toBe(3);
    expect(firstFault(Buffer.from('fine €'))).toBe(8);
  });
});

test('positionInFile counts characters, and each kind of line end once', async () => {
  const path = file('é\r\n\r\n€b\rc\nd');
  const at = async (offset: number): Promise<string> => Object.values(await positionInFile(path, offset)).join(':');
  expect(await Promise.all([0, 2, 4, 6, 9, 11, 13].map(at))).toStrictEqual(['1:1', '1:2', '2:1', '3:1', '3:2', '4:1', '5:1']);
});
