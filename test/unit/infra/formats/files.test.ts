/** What the matrix says of manifests and of the annotation formats that were there first; their other tests are beside those of sources and sinks. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jsonLines } from '../../../support/cli.ts';
import { python } from '../../../support/python.ts';
import { makeClip } from '../../../support/video.ts';
import { openSource } from '../../../../infra/sources/open.ts';
import { drain, folder, sampleAt } from '../sources/fixtures.ts';
import { cell } from './cell.ts';
import { exported, imported, labelsOf, made } from './world.ts';

const BOXES = [{ class: 'cat', bbox: [10, 20.5, 30, 40] }, { class: 'a, "b" & c', bbox: [0, 0, 640, 480] }] as const;
const COCO = {
  info: { year: 2026 }, licenses: [{ id: 7, name: 'CC0' }],
  images: [{ id: 5, file_name: 'b.jpg', width: 640, height: 480, license: 7 }, { id: 'x', file_name: 'a.jpg', width: 640, height: 480 }],
  annotations: [
    { id: 11, image_id: 5, category_id: 3, bbox: [10.5, 20, 30, 40], area: 1200, iscrowd: 0, segmentation: [[10, 20, 40, 20, 40, 60]], keypoints: [1, 2, 2], num_keypoints: 1 },
    { id: 12, image_id: 5, category_id: 4, bbox: [0, 0, 640, 480], area: 307200, iscrowd: 1, segmentation: { size: [480, 640], counts: [0, 307200] } },
  ],
  categories: [{ id: 3, name: 'cat', supercategory: 'animal' }, { id: 4, name: 'crowd' }],
};

function cocoFolder(): string {
  return folder({ 'set.json': JSON.stringify(COCO), 'a.jpg': 'a', 'b.jpg': 'b' });
}

cell('csv', 'in classes', async () => {
  const here = folder({ 'list.csv': 'path,label,stream,time\na.jpg,"a, b",cam,2026-01-31T12:00:00Z\nb.jpg,,,\n', 'a.jpg': '', 'b.jpg': '' });
  const { samples } = await imported(join(here, 'list.csv'));
  expect(samples).toMatchObject([{ id: 'a.jpg', label: 'a, b', stream: 'cam', time: Date.UTC(2026, 0, 31, 12) }, { id: 'b.jpg', label: null, stream: 'default', time: null }]);
});

cell('csv', 'in boxes', async () => {
  const bad = { class: 'a', bbox: [0, 0, -1, 1] };
  const quoted = (value: unknown): string => `"${JSON.stringify(value).replaceAll('"', '""')}"`;
  const here = folder({ 'list.csv': `path,label\na.jpg,${quoted(BOXES)}\nb.jpg,[]\nc.jpg,${quoted([bad, ...BOXES])}\nd.jpg,[red]\n`, 'a.jpg': '', 'b.jpg': '', 'c.jpg': '', 'd.jpg': '' });
  const { samples } = await imported(join(here, 'list.csv'));
  expect(samples.map(({ label }) => label)).toEqual([BOXES, [], BOXES, '[red]']);
  expect(samples[2]?.faults).toEqual([{ code: 'SLUICE_E_ANNOTATION_BOX', count: 1, causes: ['list.csv, line 4, label[0].bbox: expected [x, y, width, height], width and height not negative, found [0, 0, -1, 1].'] }]);
});

cell('csv', 'round trip', async () => {
  const items = made('a, "b"', BOXES, null, [], '=1+1', "'tis", '-');
  const { to } = await exported('csv', [{ items: items.map((item, i) => ({ ...item, stream: '@cam', time: i * 1000 })) }]);
  const root = items[0]?.uri?.replace(`/${items[0].id}`, '') ?? '';
  const { samples } = await imported(to, { root });
  expect(samples.map(({ id, stream, time, label }) => [id, stream, time, label])).toEqual(items.map(({ id, label }, i) => [id, '@cam', i * 1000, label]));
});

cell('csv', 'out classes', async () => {
  const { to } = await exported('csv', [{ items: made('a, "b"', '=1+1', null) }]);
  const [head = [], ...rows] = python('import csv, json, sys; print(json.dumps(list(csv.reader(open(sys.argv[1], newline="")))))', to) as string[][];
  expect(rows.map((row) => row[head.indexOf('label')])).toEqual(['a, "b"', "'=1+1", '']);
});

cell('csv', 'out boxes', async () => {
  const { to } = await exported('csv', [{ items: made(BOXES) }]);
  const [head = [], row = []] = python('import csv, json, sys; print(json.dumps(list(csv.reader(open(sys.argv[1], newline="")))))', to) as string[][];
  expect(JSON.parse(row[head.indexOf('label')] ?? '')).toEqual(BOXES);
});

cell('csv', 'other reader', async () => {
  const { to } = await exported('csv', [{ items: made('a', BOXES, null, 'x\ny') }]);
  expect(python('import pyarrow.csv as c, json, sys; t = c.read_csv(sys.argv[1], parse_options=c.ParseOptions(newlines_in_values=True)); print(json.dumps([t.num_rows, t.column("id").to_pylist()]))', to)).toEqual([4, ['set 0/000.jpg', 'set 1/001.jpg', 'set 0/002.jpg', 'set 1/003.jpg']]);
});

cell('folder', 'in images', async () => {
  const { samples } = await imported(folder({ 'b/x.jpg': '', 'a.png': '', 'note.txt': '' }));
  expect(samples.map(({ id, label }) => [id, label])).toEqual([['a.png', null], ['b/x.jpg', null]]);
});

cell('video', 'in images', async () => {
  const source = await openSource(await makeClip(3));
  const entries = await drain(source);
  expect(entries.map((entry) => ['sample' in entry ? entry.sample.id : entry.error, 'bytes' in entry])).toEqual([['clip.mp4#t=0.000', true], ['clip.mp4#t=0.200', true], ['clip.mp4#t=0.400', true]]);
});

cell('class-folders', 'in classes', async () => {
  const here = folder({ 'cat/x.jpg': '', 'dog/deep/y.png': '', 'z.jpg': '', 'cat/note.txt': '' });
  const source = await openSource(here, { format: 'class-folders' });
  const entries = await drain(source);
  expect(entries.map((_, i) => [sampleAt(entries, i).id, sampleAt(entries, i).label])).toEqual([['cat/x.jpg', 'cat'], ['dog/deep/y.png', 'dog'], ['z.jpg', null]]);
  expect(source.warnings()).toEqual(['1 file of plainly another kind (by extension) was passed over.', '1 image lies in no folder, and so without a class: "z.jpg".']);
  // Without being asked for, a folder has no labels.
  expect((await imported(here)).samples.map(({ label }) => label)).toEqual([null, null, null]);
});

cell('class-folders', 'out classes', async () => {
  const { to, warnings } = await exported('class-folders', [{ items: made('cat', [{ class: 'dog', bbox: [1, 1, 2, 2] }], BOXES, null, '../x') }]);
  const files = readdirSync(to, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jpg')).sort();
  expect(files).toEqual(['images/cat/set 0/000.jpg', expect.stringMatching(/^images\/class-[0-9a-f]{16}\/set 0\/004\.jpg$/), 'images/dog/set 1/001.jpg']);
  expect(warnings).toEqual(['left out, since class-folders does not hold it: boxes (1), images of several classes (1), images without a class (1), names of classes that no folder can have (1).']);
});

cell('class-folders', 'out images', async () => {
  const { to } = await exported('class-folders', [{ items: made('cat', 'dog', 'cat', 'dog') }], { split: 'train=0.5,val=0.5' });
  const files = readdirSync(to, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jpg'));
  expect(files).toHaveLength(4);
  for (const file of files) expect(file).toMatch(/^(?:train|val)\/(?:cat\/set 0|dog\/set 1)\//);
  // Replaced by the next, which has no splits.
  const again = await exported('class-folders', [{ items: made('cat') }], { to });
  expect(readFileSync(join(again.to, 'images/cat/set 0/000.jpg'), 'utf8')).toBe('image 0');
  expect(existsSync(join(to, 'train'))).toBe(false);
});

cell('class-folders', 'round trip', async () => {
  const first = await imported(folder({ 'cat/x.jpg': 'x', 'cat/x.png': 'x', 'dog/deep/y.png': 'y' }), { format: 'class-folders' });
  const { to, warnings } = await exported('class-folders', [first.part]);
  const second = await imported(join(to, 'images'), { format: 'class-folders' });
  expect(labelsOf(second.samples)).toEqual(labelsOf(first.samples));
  expect(warnings).toEqual([]);
});

cell('class-folders', 'other reader', async () => {
  const { to } = await exported('class-folders', [{ items: made('cat', 'dog', 'cat') }]);
  // As torchvision's ImageFolder finds classes and samples.
  const read = python(`
import sys, os, json
root = sys.argv[1]
classes = sorted(e.name for e in os.scandir(root) if e.is_dir())
print(json.dumps([classes, sorted([c, f] for c in classes for _, _, fs in os.walk(os.path.join(root, c)) for f in fs)]))`, join(to, 'images'));
  expect(read).toEqual([['cat', 'dog'], [['cat', '000.jpg'], ['cat', '002.jpg'], ['dog', '001.jpg']]]);
});

cell('jsonl', 'in classes', async () => {
  const lines = ['\ufeff{"path":"a.jpg","label":"cat","stream":"cam","time":"2026-01-31T12:00:00Z"}', '', '{"file_name":"b.jpg","label":null,"time":null,"more":[{}]}\r', '{"image":"./c.jpg","label":""}'];
  const here = folder({ 'list.jsonl': lines.join('\n'), 'a.jpg': '', 'b.jpg': '', 'c.jpg': '' });
  const source = await openSource(join(here, 'list.jsonl'));
  expect(source).toMatchObject({ total: 3, timed: true, identity: `jsonl:${here}/list.jsonl` });
  const entries = await drain(source);
  expect(entries.map((_, i) => sampleAt(entries, i))).toMatchObject([{ id: 'a.jpg', label: 'cat', stream: 'cam', time: Date.UTC(2026, 0, 31, 12) }, { id: 'b.jpg', label: null, stream: 'default', time: null }, { id: 'c.jpg', label: null }]);
});

cell('jsonl', 'in boxes', async () => {
  const bad = [{ bbox: [0, 0, 1, 1] }, { class: 'a', bbox: [0, 0, -1, 1] }, { class: 'a', bbox: [2, 0, 1, 1], relative: true }, 7];
  const lines = [{ path: 'a.jpg', label: [...BOXES, { class: 'c', bbox: [0, 0, 1, 1], relative: true, crowd: true }] }, { path: 'b.jpg', label: [] }, { path: 'c.jpg', label: [BOXES[0], ...bad] }];
  const here = folder({ 'list.ndjson': lines.map((line) => JSON.stringify(line)).join('\n'), 'a.jpg': '', 'b.jpg': '', 'c.jpg': '' });
  const { samples } = await imported(join(here, 'list.ndjson'));
  expect(samples.map(({ label }) => label)).toEqual([lines[0]?.label, [], [BOXES[0]]]);
  expect(samples[2]?.faults?.map(({ code, count, causes }) => [code, count, causes[0]])).toEqual([
    ['SLUICE_E_ANNOTATION_CATEGORY', 2, 'list.ndjson, line 3, label[1].class: expected a text, found nothing.'],
    ['SLUICE_E_ANNOTATION_BOX', 1, 'list.ndjson, line 3, label[2].bbox: expected [x, y, width, height], width and height not negative, found [0, 0, -1, 1].'],
    ['SLUICE_E_ANNOTATION_OUTSIDE', 1, 'list.ndjson, line 3, label[3].bbox: nothing of [2, 0, 1, 1] lies in the image.'],
  ]);
});

cell('jsonl', 'round trip', async () => {
  const items = made('cat', BOXES, null, []);
  const { to } = await exported('jsonl', [{ items: items.map((item, i) => ({ ...item, stream: 'cam', time: i * 1000 })) }]);
  const root = items[0]?.uri?.replace(`/${items[0].id}`, '') ?? '';
  const { samples } = await imported(to, { root, format: 'jsonl' });
  expect(samples.map(({ id, stream, time, label }) => [id, stream, time, label])).toEqual(items.map(({ id, label }, i) => [id, 'cam', i * 1000, label]));
});

cell('jsonl', 'other reader', async () => {
  const { to } = await exported('jsonl', [{ items: made('cat', null) }]);
  expect(python('import pyarrow.json as j, json, sys; print(json.dumps(j.read_json(sys.argv[1]).column("id").to_pylist()))', to)).toEqual(['set 0/000.jpg', 'set 1/001.jpg']);
});

cell('jsonl', 'out classes', async () => {
  const { to } = await exported('jsonl', [{ items: made('cat', null) }]);
  expect(jsonLines(readFileSync(to, 'utf8')).map(({ id, label }) => [id, label])).toEqual([['set 0/000.jpg', 'cat'], ['set 1/001.jpg', null]]);
});

cell('jsonl', 'out boxes', async () => {
  const { to } = await exported('jsonl', [{ items: made(BOXES, []) }]);
  expect(jsonLines(readFileSync(to, 'utf8')).map(({ label }) => label)).toEqual([BOXES, []]);
});

cell('coco', 'in boxes', async () => {
  const { samples } = await imported(join(cocoFolder(), 'set.json'));
  expect(samples.map(({ id, label }) => [id, label])).toEqual([['b.jpg', [{ class: 'cat', bbox: [10.5, 20, 30, 40] }, { class: 'crowd', bbox: [0, 0, 640, 480], crowd: true }]], ['a.jpg', []]]);
});

cell('coco', 'out boxes', async () => {
  const { to } = await exported('coco', [{ items: made(BOXES) }]);
  const { annotations, categories } = JSON.parse(readFileSync(join(to, 'annotations/instances.json'), 'utf8')) as { annotations: { bbox: number[]; category_id: number }[]; categories: { id: number; name: string }[] };
  const name = (id: number): string | undefined => categories.find((category) => category.id === id)?.name;
  expect(annotations.map(({ bbox, category_id: category }) => ({ class: name(category), bbox }))).toEqual(BOXES);
});

cell('coco', 'out classes', async () => {
  const { to } = await exported('coco', [{ items: made('cat', null) }]);
  expect(JSON.parse(readFileSync(join(to, 'annotations/instances.json'), 'utf8'))).toMatchObject({ annotations: [{ image_id: 1, category_id: 1 }], categories: [{ id: 1, name: 'cat' }] });
});

cell('coco', 'out images', async () => {
  const here = cocoFolder();
  const { part } = await imported(join(here, 'set.json'));
  const { to } = await exported('coco', [part], { media: 'copy' });
  expect(['a.jpg', 'b.jpg'].map((name) => readFileSync(join(to, 'images', name), 'utf8'))).toEqual(['a', 'b']);
  expect((await imported(join(to, 'annotations/instances.json'), { root: join(to, 'images') })).part.items.map(({ id, label, origin }) => [id, label, origin])).toEqual(part.items.map(({ id, label, origin }) => [id, label, origin]));
  expect(readFileSync(join(to, 'README.md'), 'utf8')).toContain('| cat | 1 | 1 |');
  // Splits are files of their own, with all categories and images below the same folder.
  const split = await exported('coco', [{ items: made(BOXES, BOXES, 'cat', [], null, BOXES).map((item, i) => ({ ...item, cluster: i })) }], { split: 'train=0.5,val=0.5', to });
  const files = ['train', 'val'].map((name) => JSON.parse(readFileSync(join(split.to, `annotations/instances_${name}.json`), 'utf8')) as { images: { id: number; file_name: string }[]; annotations: { image_id: number }[] });
  expect(files.flatMap(({ images }) => images.map(({ file_name: file }) => file)).sort()).toEqual([0, 2, 4, 1, 3, 5].map((i) => `set ${i % 2}/00${i}.jpg`));
  for (const { images, annotations } of files) {
    expect(images.length).toBeGreaterThan(0);
    for (const { file_name: file } of images) expect(readFileSync(join(split.to, 'images', file), 'utf8')).toMatch(/^image \d$/);
    for (const { image_id: image } of annotations) expect(images.map(({ id }) => id)).toContain(image);
  }
  expect(existsSync(join(to, 'annotations/instances.json'))).toBe(false);
});

cell('coco', 'round trip', async () => {
  const here = cocoFolder();
  const { part } = await imported(join(here, 'set.json'));
  const { to, warnings } = await exported('coco', [part]);
  const { sluice_export: _, ...written } = JSON.parse(readFileSync(join(to, 'annotations/instances.json'), 'utf8')) as typeof COCO & { sluice_export: string };
  expect(written).toEqual(COCO);
  expect(warnings).toEqual([]);
  const again = await imported(join(to, 'annotations/instances.json'), { root: here });
  expect(again.part.items).toEqual(part.items);
});

test('what each format leaves out of COCO is told once, and no more than it is', async () => {
  const { part } = await imported(join(cocoFolder(), 'set.json'));
  const told = await Promise.all(['cvat', 'label-studio', 'fiftyone', 'webdataset', 'parquet'].map(async (format) => (await exported(format, [part])).warnings.map((warning) => warning.replace(/^left out, since [\w-]+ does not hold it: /, ''))));
  const flags = 'keypoints (1), masks (1), crowd flags (1).';
  expect(told).toEqual([[flags], [flags], ...Array.from({ length: 3 }, () => ['polygons (1), keypoints (1), masks (1).'])]);
});

cell('coco', 'other reader', async () => {
  const numbered = { ...COCO, images: COCO.images.map((image, i) => ({ ...image, id: 5 + i })) };
  const here = folder({ 'set.json': JSON.stringify(numbered), 'a.jpg': 'a', 'b.jpg': 'b' });
  const { to } = await exported('coco', [(await imported(join(here, 'set.json'))).part]);
  const read = python(`
import sys, json, io, contextlib
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
with contextlib.redirect_stdout(io.StringIO()):
  c = COCO(sys.argv[1])
  found = c.loadRes([dict(image_id=5, category_id=3, bbox=[10.5, 20, 30, 40], score=1)])
  e = COCOeval(c, found, 'bbox'); e.params.catIds = [3]; e.evaluate(); e.accumulate(); e.summarize()
print(json.dumps([c.getImgIds(), [a['bbox'] for a in c.loadAnns(c.getAnnIds(imgIds=5))], int(c.annToMask(c.anns[12]).sum()), round(float(e.stats[0]), 9)]))`, join(to, 'annotations/instances.json'));
  expect(read).toEqual([[5, 6], [[10.5, 20, 30, 40], [0, 0, 640, 480]], 307200, 1]);
});

const YOLO = { 'data.yaml': 'path: .\ntrain: images\nval: images\nnames:\n  0: cat\n  3: dog\n', 'images/a.jpg': 'a', 'images/b.jpg': 'b', 'images/c.jpg': 'c', 'labels/a.txt': '0 0.5 0.5 0.25 0.5\n3 0.1 0.1 0.2 0.1 0.2 0.2\n', 'labels/b.txt': '' };

cell('yolo', 'in boxes', async () => {
  const { samples } = await imported(folder(YOLO));
  expect(samples.map(({ id, label }) => [id, label])).toEqual([
    ['images/a.jpg', [{ class: 'cat', bbox: [0.375, 0.25, 0.25, 0.5], relative: true }, { class: 'dog', bbox: [0.1, 0.1, expect.closeTo(0.1, 9), expect.closeTo(0.1, 9)], relative: true }]],
    ['images/b.jpg', []],
    // To a trainer an image without a label file shows nothing.
    ['images/c.jpg', []],
  ]);
});

cell('yolo', 'out boxes', async () => {
  const { to } = await exported('yolo', [{ items: made(BOXES) }]);
  expect(readFileSync(join(to, 'labels/set 0/000.txt'), 'utf8')).toMatch(/^\d 0\.039063 0\.084375 0\.046875 0\.083333\n\d 0\.5 0\.5 1 1\n$/);
});

cell('yolo', 'out images', async () => {
  const { to } = await exported('yolo', [{ items: made(BOXES) }]);
  expect(readFileSync(join(to, 'images/set 0/000.jpg'), 'utf8')).toBe('image 0');
});

cell('yolo', 'round trip', async () => {
  const first = await imported(folder(YOLO));
  const { to, warnings } = await exported('yolo', [first.part]);
  const second = await imported(to);
  // An image outside `images` of the source lies under its id in the export.
  const bare = (labels: ReturnType<typeof labelsOf>): unknown => Object.entries(labels).map(([id, label]) => [id.replaceAll('images/', ''), label]);
  expect(bare(labelsOf(second.samples))).toEqual(bare(labelsOf(first.samples)));
  expect(second.samples.map(({ origin }) => origin)).toEqual(first.samples.map(({ origin }) => origin));
  expect(warnings).toEqual([]);
});

cell('yolo', 'other reader', async () => {
  const { to } = await exported('yolo', [{ items: made(BOXES, [], null) }], { split: 'train=1' });
  // As Ultralytics finds a label: the last /images/ of the path becomes /labels/, the extension .txt.
  const read = python(`
import sys, json, os
root = sys.argv[1]
names, boxes = {}, {}
for line in open(os.path.join(root, 'data.yaml')):
  key, _, value = line.strip().partition(': ')
  if key.isdigit(): names[int(key)] = json.loads(value) if value.startswith('"') else value
for line in open(os.path.join(root, 'train.txt')):
  image = os.path.normpath(os.path.join(root, line.strip()))
  sa, sb = f'{os.sep}images{os.sep}', f'{os.sep}labels{os.sep}'
  label = sb.join(image.rsplit(sa, 1)).rsplit('.', 1)[0] + '.txt'
  found = [[float(n) for n in row.split()] for row in open(label)] if os.path.exists(label) else []
  boxes[os.path.basename(image)] = [[names[int(c)], round((x - w / 2) * 640, 3), round((y - h / 2) * 480, 3), round(w * 640, 3), round(h * 480, 3)] for c, x, y, w, h in found]
print(json.dumps(boxes))`, to);
  expect(read).toEqual({ '000.jpg': BOXES.map(({ class: name, bbox }) => [name, ...bbox]), '001.jpg': [] });
});

const VOC = `<annotation><filename>a.jpg</filename><size><width>640</width><height>480</height><depth>3</depth></size><object><name>cat</name><pose>Left</pose><difficult>1</difficult><bndbox><xmin>10</xmin><ymin>20</ymin><xmax>40</xmax><ymax>60</ymax></bndbox></object></annotation>`;

cell('voc', 'in boxes', async () => {
  const { samples } = await imported(folder({ 'Annotations/a.xml': VOC, 'JPEGImages/a.jpg': 'a' }));
  expect(samples).toMatchObject([{ id: 'JPEGImages/a.jpg', label: [{ class: 'cat', bbox: [10, 20, 30, 40] }] }]);
});

cell('voc', 'out boxes', async () => {
  const { to } = await exported('voc', [{ items: made(BOXES) }]);
  expect(readFileSync(join(to, 'Annotations/set 0/000.xml'), 'utf8')).toContain('<xmin>10</xmin><ymin>20.5</ymin><xmax>40</xmax><ymax>60.5</ymax>');
});

cell('voc', 'out images', async () => {
  const { to } = await exported('voc', [{ items: made(BOXES, null) }]);
  expect(['000', '001'].map((name, i) => readFileSync(join(to, `JPEGImages/set ${i}/${name}.jpg`), 'utf8'))).toEqual(['image 0', 'image 1']);
  expect(existsSync(join(to, 'Annotations/set 1/001.xml'))).toBe(false);
});

cell('voc', 'round trip', async () => {
  const { part } = await imported(folder({ 'Annotations/a.xml': VOC, 'JPEGImages/a.jpg': 'a', 'JPEGImages/b.jpg': 'b' }));
  const { to, warnings } = await exported('voc', [part]);
  expect(warnings).toEqual([]);
  const again = await imported(to);
  expect(again.samples.map(({ label, origin }) => [label, origin])).toEqual(part.items.map(({ label, origin }) => [label, origin]));
});

cell('voc', 'other reader', async () => {
  const { to } = await exported('voc', [{ items: made(BOXES) }]);
  const read = python(`
import sys, json, xml.etree.ElementTree as E
print(json.dumps([[o.findtext('name')] + [float(o.findtext('bndbox/' + k)) for k in ('xmin', 'ymin', 'xmax', 'ymax')] for o in E.parse(sys.argv[1]).getroot().iter('object')]))`, join(to, 'Annotations/set 0/000.xml'));
  expect(read).toEqual([['cat', 10, 20.5, 40, 60.5], ['a, "b" & c', 0, 0, 640, 480]]);
});
