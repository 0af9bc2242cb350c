import { appendFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openCsv } from '../../../../infra/sources/csv.ts';
import { openSource } from '../../../../infra/sources/open.ts';
import { drain, errorAt, faultOf, folder, idsOf, outline, pipe, put, sampleAt } from './fixtures.ts';

/** A folder with the files and `list.csv`, opened. */
async function entriesOf(csv: string | Buffer, files: Readonly<Record<string, string>> = {}): Promise<Awaited<ReturnType<typeof drain>>> {
  return drain(await openCsv(join(folder({ ...files, 'list.csv': csv }), 'list.csv')));
}

async function refusal(csv: string | Buffer): Promise<string> {
  const error = await faultOf(openSource(join(folder({ 'list.csv': csv }), 'list.csv')));
  expect(error.code).toBe('SLUICE_E_SOURCE_SYNTAX');
  return error.message;
}

describe('columns', () => {
  test('path, stream, time and label, in any order, among others', async () => {
    const here = folder({ 'b/x.jpg': '', 'list.csv': 'class,label,time,path,stream\n7,cat,2026-01-31T12:00:00+01:00,b/x.jpg,north\n' });
    const source = await openSource(join(here, 'list.csv'));
    expect(source).toMatchObject({ identity: `csv:${here}/list.csv`, total: 1, fit: 'crop', header: null });
    expect(sampleAt(await drain(source), 0)).toStrictEqual({ id: 'b/x.jpg', uri: join(here, 'b/x.jpg'), stream: 'north', time: Date.UTC(2026, 0, 31, 11), label: 'cat', origin: null });
    expect(source.warnings()).toStrictEqual([]);
  });

  test('only path; empty fields are nothing', async () => {
    expect(sampleAt(await entriesOf('path\na\n', { a: '' }), 0)).toMatchObject({ stream: 'default', time: null, label: null });
    expect(sampleAt(await entriesOf('path,stream,time,label\na,,,\n', { a: '' }), 0)).toMatchObject({ stream: 'default', time: null, label: null });
  });

  test('a byte order mark, CRLF and spaces in the header do not matter; a class is no label', async () => {
    const entries = await entriesOf('\ufeff path , label,class\r\na,cat,dog\r\n', { a: '' });
    expect(sampleAt(entries, 0)).toMatchObject({ id: 'a', label: 'cat' });
  });

  test('columns that are ignored may be there twice', async () => {
    expect(outline(await entriesOf('x,path,x\n1,a,2\n', { a: '' }))).toStrictEqual(['a']);
  });
});

describe('rows that are bad in themselves', () => {
  test('each is an entry with line and column; the stream goes on', async () => {
    const csv = 'path,time,label\na,yesterday,\n"b",2026-01-31T12:00:00,"two\nlines"\n,,x\nc\na,,\n\nd,,,\n./b//../a,noon,\n';
    const entries = await entriesOf(csv, { a: '', b: '' });
    expect(outline(entries)).toStrictEqual(['a SLUICE_E_ROW_INVALID', 'b SLUICE_E_ROW_INVALID', 'list.csv:5 SLUICE_E_ROW_INVALID', 'c SLUICE_E_ROW_INVALID', 'a', 'd SLUICE_E_ROW_INVALID', 'a SLUICE_E_ROW_INVALID']);
    const causes = [0, 1, 2, 3, 5, 6].map((i) => errorAt(entries, i).message);
    expect(causes[0]).toMatch(/^list\.csv, line 2, column "time": "yesterday" is no time/);
    expect(causes[1]).toMatch(/^list\.csv, line 3, column "time"/);
    expect(causes[2]).toBe('list.csv, line 5, column "path": the path is empty.');
    expect(causes[3]).toBe('list.csv, line 6, column 2: the row has 1 fields, the header 3.');
    expect(causes[4]).toBe('list.csv, line 9, column 4: the row has 4 fields, the header 3.');
    expect(causes[5]).toMatch(/^list\.csv, line 10, column "time": "noon"/);
  });

  test('an empty row in quotes counts as a row', async () => {
    expect(outline(await entriesOf('path\n""\n\na\n', { a: '' }))).toStrictEqual(['list.csv:2 SLUICE_E_ROW_INVALID', 'a']);
  });

  test('paths that leave the root are refused, however they do it', async () => {
    const away = folder({ 'secret.jpg': '' });
    const here = folder({ 'a.jpg': '' });
    symlinkSync(away, join(here, 'door'));
    symlinkSync(join(away, 'secret.jpg'), join(here, 'link.jpg'));
    const paths = ['../x.jpg', '/etc/passwd', join(here, 'a.jpg'), 'x/../../y.jpg', 'door/secret.jpg', 'link.jpg', 'a\0.jpg', 'door/none.jpg', '~/x', 'x/../a.jpg', './/a.jpg', '.', 'https://host/a.jpg'];
    put(here, { 'list.csv': `path\n${paths.join('\n')}\n` });
    expect(outline(await drain(await openCsv(join(here, 'list.csv'))))).toStrictEqual([
      '../x.jpg SLUICE_E_PATH_OUTSIDE_ROOT',
      '/etc/passwd SLUICE_E_PATH_OUTSIDE_ROOT',
      `${join(here, 'a.jpg')} SLUICE_E_PATH_OUTSIDE_ROOT`,
      'x/../../y.jpg SLUICE_E_PATH_OUTSIDE_ROOT',
      'door/secret.jpg SLUICE_E_PATH_OUTSIDE_ROOT',
      'link.jpg SLUICE_E_PATH_OUTSIDE_ROOT',
      'a␀.jpg SLUICE_E_PATH_OUTSIDE_ROOT',
      'door/none.jpg SLUICE_E_PATH_OUTSIDE_ROOT',
      '~/x SLUICE_E_IMAGE_MISSING',
      'a.jpg',
      'a.jpg',
      '. SLUICE_E_IMAGE_MISSING',
      'https:/host/a.jpg SLUICE_E_IMAGE_MISSING',
    ]);
  });

  test('folders and pipes are no images, and nothing waits for them', async () => {
    const here = folder({ 'sub/a.jpg': '', 'list.csv': 'path\nsub\nsub/a.jpg\nsub/\npipe\n' });
    pipe(join(here, 'pipe'));
    expect(outline(await drain(await openCsv(join(here, 'list.csv'))))).toStrictEqual(['sub SLUICE_E_IMAGE_MISSING', 'sub/a.jpg', 'sub SLUICE_E_IMAGE_MISSING', 'pipe SLUICE_E_IMAGE_MISSING']);
  });

  test('hidden files, other kinds and repeated rows that are listed are handed out: the list says what is in it', async () => {
    expect(outline(await entriesOf('path\n.a\nb.csv\n.a\n', { '.a': '', 'b.csv': '' }))).toStrictEqual(['.a', 'b.csv', '.a']);
  });
});

describe('faults of the whole file, told at open', () => {
  test('no header, no path column, a column twice', async () => {
    expect(await refusal('')).toBe('list.csv, line 1, column 1: the file is empty; its first line must name the columns (path).');
    expect(await refusal('\ufeff\r\n\n')).toMatch(/line 1, column 1: the file is empty/);
    expect(await refusal('\nfile,label\na,b\n')).toBe('list.csv, line 2, column 1: there is no column "path" (found: "file", "label").');
    expect(await refusal('path;label\na;b\n')).toMatch(/must be divided by commas/);
    const twice = await refusal('path,time,path,time\n');
    expect(twice).toMatch(/^list\.csv has 2 faults:\n/);
    expect(twice).toMatch(/line 1, column 3: the column "path" is there twice/);
    expect(twice).toMatch(/line 1, column 4: the column "time" is there twice/);
  });

  test('broken quoting in the last row stops it before the first', async () => {
    expect(await refusal(`path\n${'a\n'.repeat(5_000)}"b`)).toMatch(/line 5002, column 1: the quote opened here is never closed/);
  });

  test('not UTF-8', async () => {
    expect(await refusal(Buffer.from('path\n\xe9\n', 'latin1'))).toMatch(/line 2, column 1: the file is not UTF-8/);
  });

  test('a header alone is an empty stream', async () => {
    expect(await entriesOf('path')).toStrictEqual([]);
  });
});

describe('root and identity', () => {
  test('--root replaces the folder of the file and is part of the identity', async () => {
    const images = folder({ 'a.jpg': '' });
    const here = folder({ 'list.csv': 'path\na.jpg\n' });
    const source = await openSource(join(here, 'list.csv'), { root: images, fit: 'tiles' });
    expect(source).toMatchObject({ identity: `csv:${here}/list.csv root:${images}`, fit: 'tiles' });
    expect(sampleAt(await drain(source), 0).uri).toBe(join(images, 'a.jpg'));
  });

  test('the usual root given by name, and another spelling of the path, are the same source', async () => {
    const here = folder({ 'sub/list.csv': 'path\n' });
    symlinkSync('sub', join(here, 'alias'));
    const plain = await openSource(join(here, 'sub/list.csv'));
    expect((await openSource(join(here, 'sub/list.csv'), { root: join(here, 'sub') })).identity).toBe(plain.identity);
    expect((await openSource(join(here, 'alias/../sub/./list.csv'))).identity).toBe(plain.identity);
    expect((await openSource(join(here, 'alias/list.csv'))).identity).toBe(plain.identity);
  });

  test('a linked manifest speaks of the files beside the link', async () => {
    const lists = folder({ 'list.csv': 'path\na.jpg\n' });
    const here = folder({ 'a.jpg': '' });
    symlinkSync(join(lists, 'list.csv'), join(here, 'list.csv'));
    const source = await openSource(join(here, 'list.csv'));
    expect(source.identity).toBe(`csv:${lists}/list.csv root:${here}`);
    expect(outline(await drain(source))).toStrictEqual(['a.jpg']);
  });

  test('a root that is not there', async () => {
    const here = folder({ 'list.csv': 'path\n' });
    expect((await faultOf(openSource(join(here, 'list.csv'), { root: join(here, 'none') }))).code).toBe('SLUICE_E_CONFIG_INVALID');
  });
});

describe('a file that changes under the reader', () => {
  test('rows appended after open are left to the next run', async () => {
    const here = folder({ a: '', 'list.csv': 'path\na\n' });
    const source = await openCsv(join(here, 'list.csv'));
    appendFileSync(join(here, 'list.csv'), 'b\nc\n');
    expect(outline(await drain(source))).toStrictEqual(['a']);
  });

  test('rows taken away are a fault, not a silent end', async () => {
    const here = folder({ a: '', 'list.csv': 'path\na\na\na\n' });
    const source = await openCsv(join(here, 'list.csv'));
    writeFileSync(join(here, 'list.csv'), 'path\na\n');
    const fault = await faultOf(drain(source, 1));
    expect(fault.code).toBe('SLUICE_E_SOURCE_SYNTAX');
    expect(fault.message).toMatch(/changed while it was read: 2 of its 3 items/);
  });

  test('closing before the end, or before the beginning, is no error', async () => {
    const here = folder({ 'list.csv': `path\n${'a\n'.repeat(20_000)}` });
    const source = await openCsv(join(here, 'list.csv'));
    await source.close();
    const other = await openCsv(join(here, 'list.csv'));
    expect(await other.next(2)).toHaveLength(2);
    await other.close();
  });
});

test('any names, labels and streams survive quoting and come out in order, whatever the limit and the line ends', async () => {
  const text = (max: number): fc.Arbitrary<string> => fc.oneof(fc.string({ unit: 'binary', maxLength: max }), fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', ' ', ';', '\u00e9', 'e\u0301', '\ufeff', '\u2028'), maxLength: max }));
  const folders = ['sub', '\u00e9"'];
  // A file and a folder of one name cannot be side by side.
  const name = text(16).filter((part) => !part.includes('\0') && !part.includes('/') && !['', '.', '..', ...folders].includes(part));
  const row = fc.record({ folder: fc.constantFrom('', ...folders.map((one) => `${one}/`)), name, label: text(12), stream: text(6), quoted: fc.boolean() });
  const style = fc.record({ end: fc.constantFrom('\n', '\r\n', '\r'), bom: fc.boolean(), limit: fc.integer({ min: 1, max: 9 }), lastEnd: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 10 }), style, async (rows, { end, bom, limit, lastEnd }) => {
      const here = folder();
      const quote = (field: string, always: boolean): string => (always || /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
      const body = rows.map((item) => [item.label, item.folder + item.name, item.stream].map((field) => quote(field, item.quoted)).join(','));
      for (const item of rows) {
        mkdirSync(join(here, item.folder), { recursive: true });
        writeFileSync(`${here}/${item.folder}${item.name}`, '');
      }
      const csv = join(folder({ 'list.csv': `${bom ? '\ufeff' : ''}${['label,path,stream', ...body].join(end)}${lastEnd ? end : ''}` }), 'list.csv');
      const entries = await drain(await openCsv(csv, here), limit);
      expect(idsOf(entries)).toStrictEqual(rows.map((item) => item.folder + item.name));
      rows.forEach((item, i) => expect(sampleAt(entries, i)).toMatchObject({ label: item.label === '' ? null : item.label, stream: item.stream === '' ? 'default' : item.stream }));
    }),
    { numRuns: 60 },
  );
}, 30_000);
