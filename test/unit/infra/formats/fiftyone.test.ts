import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSource } from '../../../../infra/sources/open.ts';
import { python } from '../../../support/python.ts';
import { drain, faultOf, faultsAt, folder, outline } from '../sources/fixtures.ts';
import { cell } from './cell.ts';
import { expectBounded } from './memory.ts';
import { exported, imported, labelsOf, made } from './world.ts';

const BOXES = [{ class: 'cat', bbox: [64, 120, 32, 48] }, { class: 'crowd', bbox: [0, 0, 640, 480], crowd: true }] as const;
const detection = (label: string, box: unknown, more: object = {}): object => ({ _id: { $oid: '656f' }, _cls: 'Detection', attributes: {}, tags: [], label, bounding_box: box, ...more });
const SAMPLES = [
  {
    _id: { $oid: '65' }, filepath: 'data/a.jpg', tags: ['train'], _media_type: 'image', _rand: 0.25, metadata: null, weather: 'rain',
    ground_truth: { _cls: 'Detections', detections: [detection('cat', [0.1, 0.25, 0.05, 0.1], { mask: { $binary: {} } }), detection('crowd', [0, 0, 1, 1], { iscrowd: 1 })] },
    predictions: { _cls: 'Detections', detections: [] },
  },
  { filepath: 'data/b.jpg', tags: [], ground_truth: { _cls: 'Classification', label: 'night' } },
  { filepath: 'data/c.jpg', tags: [], ground_truth: null },
  { filepath: 'data/d.jpg', tags: [], ground_truth: { _cls: 'Polylines', polylines: [{ _cls: 'Polyline', label: 'lane', points: [[[0.1, 0.1], [0.2, 0.1], [0.2, 0.5]]], closed: true }] } },
];
const dataset = (samples: readonly unknown[] = SAMPLES): string =>
  folder({ 'metadata.json': '{"version":"1.0.0"}', 'samples.json': JSON.stringify({ samples }), 'data/a.jpg': 'a', 'data/b.jpg': 'b', 'data/c.jpg': 'c', 'data/d.jpg': 'd' });

cell('fiftyone', 'in boxes', async () => {
  const source = await openSource(dataset());
  expect(source.warnings()).toEqual(['the fields predictions were kept and say nothing here.']);
  const { samples } = await imported(dataset());
  expect(samples.map(({ id, label }) => [id, label])).toEqual([
    ['data/a.jpg', [{ class: 'cat', bbox: [0.1, 0.25, 0.05, 0.1], relative: true }, { class: 'crowd', bbox: [0, 0, 1, 1], relative: true, crowd: true }]],
    ['data/b.jpg', 'night'],
    ['data/c.jpg', null],
    ['data/d.jpg', [{ class: 'lane', bbox: [0.1, 0.1, 0.1, 0.4], relative: true }]],
  ]);
});

test('times are read as texts and as MongoDB spells them', async () => {
  const { samples } = await imported(dataset([{ filepath: 'data/a.jpg', time: { $date: 5000 } }, { filepath: 'data/b.jpg', time: '1970-01-01T00:00:05Z' }, { filepath: 'data/c.jpg', time: null }]));
  expect(samples.map(({ time }) => time)).toEqual([5000, 5000, null]);
});

cell('fiftyone', 'in classes', async () => {
  // Under another name, where it is the only one.
  const { samples } = await imported(dataset([{ filepath: 'data/a.jpg', species: { _cls: 'Classification', label: 'owl' } }, { filepath: 'data/b.jpg' }]));
  expect(samples.map(({ label }) => label)).toEqual(['owl', null]);
  const two = dataset([{ filepath: 'data/a.jpg', x: { _cls: 'Classification', label: 'a' }, y: { _cls: 'Classification', label: 'b' } }]);
  expect(await faultOf(openSource(two))).toMatchObject({ code: 'SLUICE_E_UNSUPPORTED', message: expect.stringContaining('labels in x, y') });
});

cell('fiftyone', 'out boxes', async () => {
  const finding = { index: 0, class: 'cat', bbox: [64, 120, 32, 48], cluster: 1, share: 0.1, suspicion: 0.75, suggested: 'dog', faults: [] } as const;
  const { to } = await exported('fiftyone', [{ items: made(BOXES).map((item) => ({ ...item, review: true, time: 5000, objects: [finding] })) }], { split: 'val=1' });
  const { samples } = JSON.parse(readFileSync(join(to, 'samples.json'), 'utf8')) as { samples: object[] };
  expect(samples).toMatchObject([{
    filepath: 'data/set 0/000.jpg', tags: ['val', 'review'], verdict: 'admit', reason: 'novelty', novelty: 0.75, time: '1970-01-01T00:00:05.000Z', metadata: { _cls: 'ImageMetadata', width: 640, height: 480 },
    ground_truth: { _cls: 'Detections', detections: [{ _cls: 'Detection', label: 'cat', bounding_box: [0.1, 0.25, 0.05, 0.1], suspicion: 0.75, suggested: 'dog' }, { label: 'crowd', bounding_box: [0, 0, 1, 1], iscrowd: true }] },
  }]);
});

cell('fiftyone', 'out classes', async () => {
  const { to } = await exported('fiftyone', [{ items: made('night', null) }]);
  expect((await imported(to)).samples.map(({ id, label }) => [id, label])).toEqual([['data/set 0/000.jpg', 'night'], ['data/set 1/001.jpg', null]]);
});

cell('fiftyone', 'out images', async () => {
  const { to } = await exported('fiftyone', [{ items: made(BOXES) }]);
  expect(readFileSync(join(to, 'data/set 0/000.jpg'), 'utf8')).toBe('image 0');
});

cell('fiftyone', 'round trip', async () => {
  const first = await imported(dataset());
  const { to, warnings } = await exported('fiftyone', [first.part]);
  const second = await imported(to);
  expect(labelsOf(second.samples)).toEqual(labelsOf(first.samples));
  const { samples } = JSON.parse(readFileSync(join(to, 'samples.json'), 'utf8')) as { samples: object[] };
  // Fields, tags, masks and ids as they were, with ours beside them.
  samples.forEach((sample, i) => expect(sample).toMatchObject(SAMPLES[i] ?? {}));
  expect(warnings).toEqual([]);
  expect((await exported('voc', [first.part])).warnings).toEqual(['left out, since voc does not hold it: fields of samples (2), masks (1), classes of whole images (1), polygons (1).']);
});

cell('fiftyone', 'other reader', async () => {
  const { to } = await exported('fiftyone', [{ items: made(BOXES, 'night', null) }]);
  // As FiftyOne's importer of data sets without a version reads them: every class by its name, paths relative to the folder. Where FiftyOne is installed, by itself.
  const read = python(`
import sys, json, os
root = sys.argv[1]
assert 'version' not in json.load(open(os.path.join(root, 'metadata.json')))
known = {'Classification': {'tags', 'label'}, 'Detections': {'detections'}, 'Detection': {'attributes', 'tags', 'label', 'bounding_box', 'iscrowd'}, 'ImageMetadata': {'size_bytes', 'mime_type', 'width', 'height', 'num_channels'}}
def check(value):
  if isinstance(value, list): [check(v) for v in value]
  if isinstance(value, dict):
    assert set(value) == {'$date'} or not value or set(value) - {'_cls'} <= known[value['_cls']], value
    [check(v) for v in value.values()]
out = []
for s in json.load(open(os.path.join(root, 'samples.json')))['samples']:
  [check(v) for v in s.values()]
  assert isinstance(s['tags'], list) and os.path.exists(os.path.join(root, s['filepath']))
  out.append([s['filepath'], s.get('ground_truth', {}).get('_cls')])
try:
  from fiftyone.utils.data.importers import FiftyOneDatasetImporter, LegacyFiftyOneDatasetImporter
  assert FiftyOneDatasetImporter(root)._is_legacy_format_data()
  with LegacyFiftyOneDatasetImporter(root) as real: assert [type(s.get_field('ground_truth')).__name__ for s in real if s.has_field('ground_truth')] == ['Detections', 'Classification']
except ImportError: pass
print(json.dumps(out))`, to);
  expect(read).toEqual([['data/set 0/000.jpg', 'Detections'], ['data/set 1/001.jpg', 'Classification'], ['data/set 0/002.jpg', null]]);
});

cell('fiftyone', 'bounded memory', () => {
  const detections = Array.from({ length: 60 }, (_, i) => detection(`class ${i % 5}`, [0.125, 0.0625, 0.5, i / 100]));
  const labels = JSON.stringify({ tags: [], ground_truth: { _cls: 'Detections', detections } }).slice(1);
  expectBounded({ folder: { 'metadata.json': '{}' }, name: 'samples.json', head: '{"samples":[', item: (i) => `${i === 0 ? '' : ',\n'}{"filepath":"data/${i}.jpg",${labels}`, tail: ']}', items: [3000, 18_000] });
}, 120_000);

test('an export without its media has absolute paths, which are taken below --root', async () => {
  const media = folder({ 'x/a.jpg': '' });
  const here = dataset([{ filepath: join(media, 'x/a.jpg') }, { filepath: '/etc/passwd' }]);
  const source = await openSource(here, { root: media });
  expect([source.identity, outline(await drain(source))]).toEqual([`fiftyone:${here} root:${media}`, ['x/a.jpg', '/etc/passwd SLUICE_E_PATH_OUTSIDE_ROOT']]);
});

test('a bad sample or label costs nothing but itself', async () => {
  const labels = { _cls: 'Detections', detections: [detection('', [0, 0, 1, 1]), detection('a', [0, 0, -1, 1]), detection('a', 'x'), detection('a', [2, 0, 1, 1]), 7, detection('ok', [0, 0, 1, 1])] };
  const entries = await drain(await openSource(dataset([{ filepath: 'data/a.jpg', ground_truth: labels }, 7, { filepath: '' }, { filepath: '/etc/passwd' }, { filepath: 'data/none.jpg' }, { filepath: 'data/b.jpg', ground_truth: { _cls: 'Classification' } }])));
  expect(outline(entries)).toEqual(['data/a.jpg', 'samples.json:samples[1] SLUICE_E_ROW_INVALID', 'samples.json:samples[2] SLUICE_E_ROW_INVALID', '/etc/passwd SLUICE_E_PATH_OUTSIDE_ROOT', 'data/none.jpg SLUICE_E_IMAGE_MISSING', 'data/b.jpg']);
  expect(faultsAt(entries, 0).map((fault) => fault.replace(/:.*/s, ''))).toEqual(['SLUICE_E_ANNOTATION_CATEGORY', 'SLUICE_E_ANNOTATION_CATEGORY', 'SLUICE_E_ANNOTATION_BOX', 'SLUICE_E_ANNOTATION_BOX', 'SLUICE_E_ANNOTATION_OUTSIDE']);
  expect(faultsAt(entries, 5)).toHaveLength(1);
});
