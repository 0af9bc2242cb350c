import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSource } from '../../../../infra/sources/open.ts';
import { python } from '../../../support/python.ts';
import { drain, errorAt, faultOf, faultsAt, folder, outline, put, sampleAt } from '../sources/fixtures.ts';
import { temporaryFolder } from '../store/world.ts';
import { cell } from './cell.ts';
import { exported, imported, made } from './world.ts';

const BOXES = [{ class: 'cat', bbox: [10, 20.5, 30, 40] }, { class: 'dog', bbox: [0, 0, 1, 1] }] as const;

/** A table written by pyarrow. @param columns Python, of a dict. @param more arguments of write_table */
function table(path: string, columns: string, more = '', before = ''): string {
  python(`
import sys, datetime, json
import pyarrow as pa, pyarrow.parquet as pq
t = pa.table(${columns})
${before}
pq.write_table(t, sys.argv[1]${more === '' ? '' : `, ${more}`})
print('1')`, path);
  return path;
}

const bytesOf = (entry: object): string | null => ('bytes' in entry && entry.bytes instanceof Uint8Array ? Buffer.from(entry.bytes).toString() : null);

cell('parquet', 'in classes', async () => {
  // As Hugging Face's datasets write images and classes.
  const meta = `t = t.replace_schema_metadata({'huggingface': json.dumps({'info': {'features': {'image': {'_type': 'Image'}, 'label': {'names': ['cat', 'dog'], '_type': 'ClassLabel'}}}})})`;
  for (const codec of ['snappy', 'zstd', 'gzip', 'none']) {
    const here = temporaryFolder();
    table(join(here, 'train.parquet'), `{'image': [{'bytes': b'A', 'path': 'x/a.jpg'}, {'bytes': b'B', 'path': None}, {'bytes': b'C', 'path': 'c.jpg'}], 'label': [1, 0, None], 'unused': [[1], [2], [3]]}`, `compression='${codec}', row_group_size=2`, meta);
    const entries = await drain(await openSource(join(here, 'train.parquet')));
    expect(entries.map((entry, i) => [sampleAt(entries, i).id, sampleAt(entries, i).label, bytesOf(entry)])).toEqual([['x/a.jpg', 'dog', 'A'], ['1', 'cat', 'B'], ['c.jpg', null, 'C']]);
  }
});

cell('parquet', 'in boxes', async () => {
  const here = folder({ 'a.jpg': '', 'b.jpg': '', 'c.jpg': '' });
  table(join(here, 'list.parquet'), `{'path': ['a.jpg', 'b.jpg', 'c.jpg'], 'stream': ['cam', None, ''], 'time': [datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.timezone.utc), None, None], 'label': [[{'class': 'cat', 'bbox': [10.0, 20.5, 30.0, 40.0]}, {'class': 'dog', 'bbox': [0.0, 0.0, 1.0, 1.0]}], [], [{'class': 'x', 'bbox': [0.0, 0.0, -1.0, 1.0]}]]}`);
  const source = await openSource(join(here, 'list.parquet'));
  expect(source).toMatchObject({ total: 3, timed: true, identity: `parquet:${here}/list.parquet` });
  const entries = await drain(source);
  expect(sampleAt(entries, 0)).toMatchObject({ id: 'a.jpg', uri: join(here, 'a.jpg'), stream: 'cam', time: Date.UTC(2026, 0, 31, 12), label: BOXES });
  expect(sampleAt(entries, 1)).toMatchObject({ stream: 'default', time: null, label: [] });
  expect(faultsAt(entries, 2)).toEqual(['SLUICE_E_ANNOTATION_BOX: list.parquet, row 2, label[0].bbox: expected [x, y, width, height], width and height not negative, found [0, 0, -1, 1].']);
});

cell('parquet', 'in boxes', async () => {
  // As Hugging Face's datasets write them: an object of lists, or a list of objects; classes by numbers that the metadata names, three ways, or by name.
  const names = { names: ['cat', 'dog'], _type: 'ClassLabel' };
  const lists = "{'bbox': [[10.0, 20.5, 30.0, 40.0], [0.0, 0.0, 1.0, 1.0]], 'CLASS': [0, 1]}";
  const objects = "[{'bbox': [10.0, 20.5, 30.0, 40.0], 'CLASS': 0}, {'bbox': [0.0, 0.0, 1.0, 1.0], 'CLASS': 1}]";
  const bbox = { feature: { dtype: 'float32' }, length: 4, _type: 'Sequence' };
  for (const [name, value, feature] of [
    ['category', lists, { feature: { bbox, category: names }, _type: 'Sequence' }],
    ['categories', lists, { bbox, categories: { feature: names, _type: 'List' } }],
    ['category', objects, [{ bbox, category: names }]],
    ['label', objects.replaceAll(": 0}", ": 'cat'}").replaceAll(": 1}", ": 'dog'}"), {}],
  ] as const) {
    const here = temporaryFolder();
    const none = value.startsWith('{') ? "{'bbox': [], 'CLASS': []}" : '[]';
    table(join(here, 'train.parquet'), `{'image': [{'bytes': b'A', 'path': 'a.jpg'}] * 3, 'objects': [${value}, ${none}, None]}`.replaceAll('CLASS', name), '', `t = t.replace_schema_metadata({'huggingface': json.dumps({'info': {'features': json.loads('${JSON.stringify({ objects: feature })}')}})})`);
    const entries = await drain(await openSource(join(here, 'train.parquet')));
    expect([0, 1, 2].map((i) => sampleAt(entries, i).label)).toEqual([BOXES, [], null]);
  }
  const here = temporaryFolder();
  table(join(here, 'x.parquet'), `{'image': [b'A', b'B'], 'objects': [{'bbox': [[0.0, 0.0, 1.0, 1.0]], 'category': [0, 1]}, {'bbox': [[0.0, 0.0, -1.0, 1.0]], 'category': [7]}]}`);
  const entries = await drain(await openSource(join(here, 'x.parquet')));
  expect(errorAt(entries, 0).message).toMatch(/^x\.parquet, row 0: objects: expected as many classes as boxes, found /);
  expect(faultsAt(entries, 1)).toEqual(['SLUICE_E_ANNOTATION_BOX: x.parquet, row 1, objects[0].bbox: expected [x, y, width, height], width and height not negative, found [0, 0, -1, 1].']);
});

cell('parquet', 'out classes', async () => {
  const { to } = await exported('parquet', [{ items: made('cat', null).map((item) => ({ ...item, time: 5000 })) }]);
  expect(python('import sys, json, pyarrow.parquet as pq; t = pq.read_table(sys.argv[1]); print(json.dumps([t.column(n).to_pylist() for n in ("id", "label", "verdict", "novelty", "width")] + [t.column("time").to_pylist()[0].isoformat()]))', join(to, 'data.parquet'))).toEqual([
    ['set 0/000.jpg', 'set 1/001.jpg'], ['cat', null], ['admit', 'reject'], [0.75, 0.75], [640, 640], expect.stringContaining('1970-01-01T00:00:05'),
  ]);
});

cell('parquet', 'out boxes', async () => {
  const { to } = await exported('parquet', [{ items: made(BOXES, []) }]);
  const read = python('import sys, json, pyarrow.parquet as pq; t = pq.read_table(sys.argv[1]); print(json.dumps([json.loads(b) for b in t.column("boxes").to_pylist()]))', join(to, 'data.parquet'));
  expect(read).toEqual([BOXES, []]);
});

cell('parquet', 'out images', async () => {
  const { to, warnings } = await exported('parquet', [{ items: [...made('cat'), { id: 'gone.jpg', uri: '/nowhere/gone.jpg' }] }], { media: 'copy' });
  expect(python('import sys, json, pyarrow.parquet as pq; print(json.dumps([b and b.decode() for b in pq.read_table(sys.argv[1]).column("image").to_pylist()]))', join(to, 'data.parquet'))).toEqual(['image 0', null]);
  expect(warnings).toEqual(['left out, since parquet does not hold it: images that are not where they were (1).']);
});

cell('parquet', 'round trip', async () => {
  const items = made('cat', BOXES, null, []).map((item, i) => ({ ...item, stream: `cam-${i}`, time: i * 1000 }));
  const { to, warnings } = await exported('parquet', [{ items }], { media: 'copy', split: 'val=1' });
  expect(warnings).toEqual([]);
  const entries = await drain(await openSource(to));
  expect(entries.map((entry, i) => [sampleAt(entries, i).id, sampleAt(entries, i).stream, sampleAt(entries, i).time, sampleAt(entries, i).label, bytesOf(entry)])).toEqual(items.map(({ id, stream, time, label }, i) => [id, stream, time, label, `image ${i}`]));
  // Without bytes, ids are paths below --root.
  const plain = await exported('parquet', [{ items }]);
  const root = items[0]?.uri?.replace(`/${items[0].id}`, '') ?? '';
  expect((await imported(join(plain.to, 'data.parquet'), { root })).samples.map(({ id, uri }) => [id, uri])).toEqual(items.map(({ id, uri }) => [id, uri]));
});

cell('parquet', 'other reader', async () => {
  const items = made(...Array.from({ length: 12_001 }, (_, i) => `class ${i % 7}`));
  const { to } = await exported('parquet', [{ items }]);
  expect(python('import sys, json, pyarrow.parquet as pq; f = pq.ParquetFile(sys.argv[1]); t = f.read(); print(json.dumps([f.num_row_groups, t.num_rows, t.column("id").to_pylist()[12000], len(set(t.column("label").to_pylist()))]))', join(to, 'data.parquet'))).toEqual([3, 12_001, 'set 0/12000.jpg', 7]);
}, 120_000);

test('a bad row costs nothing but itself', async () => {
  const here = folder({ 'a.jpg': '' });
  table(join(here, 'x.parquet'), `{'id': ['i', None, None, None, None, None], 'path': ['a.jpg', None, '../x.jpg', 'none.jpg', 'a.jpg', 'a.jpg'], 'time': [None, None, None, None, 'noon', None], 'image': [None, b'', None, None, None, b'A']}`);
  const entries = await drain(await openSource(join(here, 'x.parquet')));
  expect(outline(entries)).toEqual(['i', '1 SLUICE_E_IMAGE_EMPTY', '../x.jpg SLUICE_E_PATH_OUTSIDE_ROOT', 'none.jpg SLUICE_E_IMAGE_MISSING', 'a.jpg SLUICE_E_ROW_INVALID', 'a.jpg']);
});

test('what is no Parquet, or has no images, is told; rows of a damaged row group are bad entries', async () => {
  const here = folder({ 'no.parquet': 'PAR1 no PAR1', 'empty.parquet': '' });
  for (const name of ['no', 'empty']) expect(await faultOf(openSource(join(here, `${name}.parquet`)))).toMatchObject({ code: 'SLUICE_E_SOURCE_SYNTAX', message: expect.stringContaining(`${name}.parquet: `) });
  table(join(here, 'other.parquet'), `{'x': [1]}`);
  expect(await faultOf(openSource(join(here, 'other.parquet')))).toMatchObject({ code: 'SLUICE_E_SOURCE_SYNTAX', message: 'other.parquet has no column "image", "path", "file_name" or "id".' });
  const broken = table(join(here, 'broken.parquet'), `{'image': [bytes([65 + i]) * 3000 for i in range(4)]}`, `row_group_size=1, compression='snappy', use_dictionary=False`);
  const bytes = readFileSync(broken);
  const at = Number(python('import sys, pyarrow.parquet as pq; print(pq.ParquetFile(sys.argv[1]).metadata.row_group(1).column(0).data_page_offset)', broken));
  bytes.fill(0xff, at, at + 20);
  writeFileSync(broken, bytes);
  const entries = await drain(await openSource(broken));
  expect(outline(entries)).toEqual(['0', 'broken.parquet:1 SLUICE_E_ARCHIVE_BROKEN', '2', '3']);
  expect(errorAt(entries, 1).message).toMatch(/^broken\.parquet, rows 1 to 1: /);
});

test('rows of a group that would take half a gigabyte unpacked are bad entries, however small it is packed', async () => {
  const here = temporaryFolder();
  table(join(here, 'bomb.parquet'), `{'image': pa.concat_tables([pa.table({'x': pa.array([bytes(260 << 20), bytes(260 << 20)], pa.large_binary())}), pa.table({'x': pa.array([b'A'], pa.large_binary())})]).column('x').combine_chunks()}`, `row_group_size=2, compression='zstd', use_dictionary=False, write_statistics=False`);
  const entries = await drain(await openSource(join(here, 'bomb.parquet')));
  expect(outline(entries)).toEqual(['bomb.parquet:0 SLUICE_E_IMAGE_TOO_LARGE', 'bomb.parquet:1 SLUICE_E_IMAGE_TOO_LARGE', '2']);
}, 120_000);

test('a folder of tables is read by their names, and rows have ids of their own', async () => {
  const here = folder();
  table(join(here, 'b.parquet'), `{'image': [b'B']}`);
  table(join(here, 'a.parquet'), `{'image': [b'A']}`);
  put(here, { 'README.md': '' });
  expect(outline(await drain(await openSource(here)))).toEqual(['a.parquet:0', 'b.parquet:0']);
});
