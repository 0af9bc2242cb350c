/** Polygons on their way from one format to another. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Box } from '../../../../schemas/sample.ts';
import { asOne, areaOf, outlinesOf } from '../../../../infra/sinks/outlines.ts';
import { python } from '../../../support/python.ts';
import { folder } from '../sources/fixtures.ts';
import type { Part } from '../sinks/made.ts';
import { cell } from './cell.ts';
import { exported, imported, made } from './world.ts';

const QUALITY = { brightness: 0.5, contrast: 0.2, sharpness: 0.1, width: 640, height: 480 };
const TRIANGLE = [10, 20, 42, 20, 42, 68];
const [LEFT, RIGHT] = [[320, 240, 384, 240, 384, 288], [512, 360, 544, 360, 544, 408]];

/** A triangle, one object in two parts, and a box without polygons. */
const COCO = {
  images: [{ id: 1, file_name: 'a.jpg', width: 640, height: 480 }],
  annotations: [
    { id: 1, image_id: 1, category_id: 1, bbox: [10, 20, 32, 48], area: 768, iscrowd: 0, segmentation: [TRIANGLE] },
    { id: 2, image_id: 1, category_id: 2, bbox: [320, 240, 224, 168], area: 2304, iscrowd: 0, segmentation: [LEFT, RIGHT] },
    { id: 3, image_id: 1, category_id: 1, bbox: [64, 96, 32, 48], area: 1536, iscrowd: 0, segmentation: [] },
  ],
  categories: [{ id: 1, name: 'cat' }, { id: 2, name: 'dog' }],
};
const BOXES: readonly Box[] = [{ class: 'cat', bbox: [10, 20, 32, 48] }, { class: 'dog', bbox: [320, 240, 224, 168] }, { class: 'cat', bbox: [64, 96, 32, 48] }];
/** The two parts, joined there and back. */
const JOINED = [...LEFT, 320, 240, ...RIGHT, 512, 360, 320, 240];

async function fromCoco(): Promise<Part> {
  return (await imported(join(folder({ 'set.json': JSON.stringify(COCO), 'a.jpg': 'a' }), 'set.json'))).part;
}

interface Annotation {
  readonly bbox: readonly number[];
  readonly area: number;
  readonly segmentation: readonly (readonly number[])[];
}

/** What comes out as COCO of a folder in another format. */
async function asCoco(place: string): Promise<readonly Annotation[]> {
  const { to } = await exported('coco', [(await imported(place)).part]);
  return (JSON.parse(readFileSync(join(to, 'annotations/instances.json'), 'utf8')) as { annotations: readonly Annotation[] }).annotations;
}

function near(values: readonly number[]): readonly unknown[] {
  return values.map((value) => expect.closeTo(value, 2));
}

const WANTED = [
  { bbox: near([10, 20, 32, 48]), area: expect.closeTo(768, 0), segmentation: [near(TRIANGLE)] },
  { bbox: near([320, 240, 224, 168]), area: expect.closeTo(2304, 0), segmentation: [near(JOINED)] },
];

for (const [format, box] of [['cvat', []], ['label-studio', []], ['yolo-segment', [near([64, 96, 96, 96, 96, 144, 64, 144])]]] as const) {
  test(`of COCO go through ${format} and come back, parts joined to one; nothing is told of them`, async () => {
    const { to, warnings } = await exported(format, [await fromCoco()], { media: 'copy' });
    expect(warnings).toEqual([]);
    const place = { cvat: join(to, 'annotations.xml'), 'label-studio': join(to, 'tasks.json'), 'yolo-segment': to }[format];
    expect(await asCoco(place)).toMatchObject([...WANTED, { bbox: near([64, 96, 32, 48]), segmentation: box }]);
  });
}

cell('yolo-segment', 'out images', async () => {
  const { to } = await exported('yolo-segment', [{ items: made(BOXES) }]);
  expect(readFileSync(join(to, 'images/set 0/000.jpg'), 'utf8')).toBe('image 0');
});

cell('yolo-segment', 'out boxes', async () => {
  const { to } = await exported('yolo-segment', [{ items: made([{ class: 'cat', bbox: [64, 96, 32, 48] }]) }]);
  expect(readFileSync(join(to, 'labels/set 0/000.txt'), 'utf8')).toBe('0 0.1 0.2 0.15 0.2 0.15 0.3 0.1 0.3\n');
});

cell('yolo-segment', 'out polygons', async () => {
  const { to } = await exported('yolo-segment', [await fromCoco()]);
  expect(readFileSync(join(to, 'labels/a.txt'), 'utf8').split('\n')[0]).toBe('0 0.015625 0.041667 0.065625 0.041667 0.065625 0.141667');
});

cell('yolo-segment', 'round trip', async () => {
  const first = await exported('yolo-segment', [await fromCoco()]);
  const second = await exported('yolo-segment', [(await imported(first.to)).part]);
  const labels = (to: string): string => readFileSync(join(to, 'labels/a.txt'), 'utf8');
  expect(labels(second.to)).toBe(labels(first.to));
  expect(second.warnings).toEqual([]);
});

cell('yolo-segment', 'other reader', async () => {
  const { to } = await exported('yolo-segment', [await fromCoco()]);
  // As Ultralytics takes a label file: more than six numbers in any line, and all lines are segments, of pairs; their boxes are their bounds.
  const read = python(`
import sys, json, numpy as np
lb = [x.split() for x in open(sys.argv[1]).read().strip().splitlines() if len(x)]
assert any(len(x) > 6 for x in lb)
segments = [np.array(x[1:], dtype=np.float32).reshape(-1, 2) for x in lb]
print(json.dumps([[int(x[0]), [float(v) for v in np.concatenate([s.min(0), s.max(0)]) * [640, 480, 640, 480]]] for x, s in zip(lb, segments)]))`, join(to, 'labels/a.txt'));
  expect(read).toEqual(BOXES.map(({ class: name, bbox: [x, y, w, h] }) => [name === 'cat' ? 0 : 1, near([x, y, x + w, y + h])]));
});

cell('yolo', 'in polygons', async () => {
  const place = folder({ 'data.yaml': 'path: .\ntrain: images\nval: images\nnames: [cat, dog]\n', 'images/a.jpg': 'a', 'labels/a.txt': '1 0.1 0.1 0.2 0.1 0.2 0.2\n0 0.5 0.5 0.25 0.5\n' });
  expect(await asCoco(place)).toMatchObject([{ bbox: near([64, 48, 64, 48]), area: expect.closeTo(1536, 2), segmentation: [near([64, 48, 128, 48, 128, 96])] }, { bbox: [240, 120, 160, 240], segmentation: [] }]);
});

cell('cvat', 'in polygons', async () => {
  const place = folder({ 'annotations.xml': '<annotations><image id="0" name="a.jpg" width="640" height="480"><box label="dog" xtl="1" ytl="2" xbr="3" ybr="4"/><polygon label="cat" points="10,20;42,20;42,68"/></image></annotations>', 'a.jpg': 'a' });
  expect(await asCoco(join(place, 'annotations.xml'))).toMatchObject([{ bbox: [1, 2, 2, 2], segmentation: [] }, { bbox: [10, 20, 32, 48], area: 768, segmentation: [TRIANGLE] }]);
});

cell('label-studio', 'in polygons', async () => {
  const result = [{ type: 'polygonlabels', original_width: 640, original_height: 480, value: { points: [[10, 20], [30, 20], [30, 40]], polygonlabels: ['cat', 'pet'] } }];
  const place = folder({ 'tasks.json': JSON.stringify([{ data: { image: '/data/local-files/?d=a.jpg' }, annotations: [{ was_cancelled: true, result: [] }, { result }] }]), 'a.jpg': 'a' });
  const cat = { bbox: near([64, 96, 128, 96]), segmentation: [near([64, 96, 192, 96, 192, 192])] };
  expect(await asCoco(join(place, 'tasks.json'))).toMatchObject([cat, cat]);
});

cell('fiftyone', 'in polygons', async () => {
  const polylines = [{ _cls: 'Polyline', label: 'cat', points: [[[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]], [[0.5, 0.5], [0.6, 0.5], [0.6, 0.6]]], closed: true, filled: true }];
  const place = folder({ 'metadata.json': '{"name": "x", "media_type": "image"}', 'samples.json': JSON.stringify({ samples: [{ filepath: 'data/a.jpg', ground_truth: { _cls: 'Polylines', polylines } }] }), 'data/a.jpg': 'a' });
  expect(await asCoco(place)).toMatchObject([{ bbox: near([64, 48, 320, 240]), area: expect.closeTo(3072, 2), segmentation: [near([64, 48, 128, 48, 128, 96]), near([320, 240, 384, 240, 384, 288])] }]);
});

cell('coco', 'in polygons', async () => {
  const { to } = await exported('cvat', [await fromCoco()]);
  expect(readFileSync(join(to, 'annotations.xml'), 'utf8')).toContain('points="10,20;42,20;42,68"');
});

cell('cvat', 'out polygons', async () => {
  const { to } = await exported('cvat', [await fromCoco()]);
  const read = python(`
import sys, json
import xml.etree.ElementTree as E
print(json.dumps([[s.tag, s.get('label'), s.get('points')] for s in E.parse(sys.argv[1]).getroot().find('image')]))`, join(to, 'annotations.xml'));
  expect(read).toEqual([['polygon', 'cat', '10,20;42,20;42,68'], ['polygon', 'dog', expect.stringMatching(/^320,240;384,240;384,288;320,240;512,360;/) as string], ['box', 'cat', null]]);
});

cell('label-studio', 'out polygons', async () => {
  const { to } = await exported('label-studio', [await fromCoco()]);
  const [task] = JSON.parse(readFileSync(join(to, 'tasks.json'), 'utf8')) as { predictions: { result: { type: string; from_name: string; value: object }[] }[] }[];
  expect(task?.predictions[0]?.result[0]).toMatchObject({ type: 'polygonlabels', from_name: 'polygon', to_name: 'image', original_width: 640, value: { points: [[1.5625, expect.closeTo(4.1667, 3)], [6.5625, expect.closeTo(4.1667, 3)], [6.5625, expect.closeTo(14.1667, 3)]], polygonlabels: ['cat'] } });
  expect(readFileSync(join(to, 'label_config.xml'), 'utf8')).toMatch(/<PolygonLabels name="polygon" toName="image">\s*<Label value="cat"\/>/);
});

cell('coco', 'out polygons', async () => {
  const place = folder({ 'annotations.xml': '<annotations><image id="0" name="a.jpg" width="640" height="480"><polygon label="cat" points="10,20;42,20;42,68"/></image></annotations>', 'a.jpg': 'a' });
  const { to } = await exported('coco', [(await imported(join(place, 'annotations.xml'))).part]);
  const read = python(`
import sys, json, io, contextlib
from pycocotools.coco import COCO
with contextlib.redirect_stdout(io.StringIO()):
  c = COCO(sys.argv[1])
(a,) = c.loadAnns(c.getAnnIds())
print(json.dumps([a['area'], abs(int(c.annToMask(a).sum()) - a['area']) < 40]))`, join(to, 'annotations/instances.json'));
  expect(read).toEqual([768, true]);
});

test('what came as a crowd is one in COCO; texts tell what they do not hold', async () => {
  const items = made([{ class: 'cat', bbox: [1, 2, 3, 4], crowd: true }]);
  const { to, warnings } = await exported('coco', [{ items }]);
  expect(warnings).toEqual([]);
  expect(JSON.parse(readFileSync(join(to, 'annotations/instances.json'), 'utf8'))).toMatchObject({ annotations: [{ iscrowd: 1 }] });
  for (const format of ['jsonl', 'csv']) expect((await exported(format, [{ items }])).warnings).toEqual([`left out, since ${format} does not hold it: crowd flags (1).`]);
  expect((await exported('jsonl', [await fromCoco()])).warnings).toEqual(['left out, since jsonl does not hold it: polygons (3).']);
  const place = folder({ 'annotations.xml': '<annotations><image id="0" name="a.jpg" width="640" height="480"><box label="dog" xtl="1" ytl="2" xbr="3" ybr="4"><attribute name="age">2</attribute></box></image></annotations>', 'a.jpg': 'a' });
  const { part } = await imported(join(place, 'annotations.xml'));
  for (const media of [undefined, 'copy'] as const) expect((await exported('coco', [part], { media })).warnings).toEqual(['left out, since coco does not hold it: attributes (1).']);
});

test('a box that was corrected since has no polygon any more, nor has one of a picture whose size is not known; both are counted', async () => {
  const { items } = await fromCoco();
  const origin = items[0]?.origin ?? null;
  const moved: readonly Box[] = [{ class: 'cat', bbox: [11, 20, 32, 48] }, ...BOXES.slice(1)];
  expect(outlinesOf(origin, moved, QUALITY)).toMatchObject({ of: [null, [expect.anything(), expect.anything()], null], lost: 1 });
  expect(outlinesOf(origin, BOXES, null)).toMatchObject({ of: [null, null, null], lost: 3 });
  expect(outlinesOf(null, BOXES, QUALITY)).toMatchObject({ of: [null, null, null], lost: 0 });
  const { warnings } = await exported('cvat', [{ items: [{ ...items[0], label: moved }] }]);
  expect(warnings).toEqual(['left out, since cvat does not hold it: polygons (1).']);
});

test('points of a pose are no polygon', () => {
  const origin = JSON.stringify({ names: { 0: 'person' }, text: '0 0.5 0.5 0.2 0.4 0.45 0.4 0.55 0.4\n' });
  expect(outlinesOf(origin, [{ class: 'person', bbox: [0.4, 0.3, 0.2, 0.4], relative: true }], QUALITY)).toEqual({ of: [null], lost: 1, kind: 'polygons or keypoints' });
});

test('parts joined to one enclose what they enclosed', () => {
  expect(areaOf([asOne([LEFT, RIGHT])])).toBe(areaOf([LEFT, RIGHT]));
  expect(asOne([TRIANGLE])).toEqual(TRIANGLE);
});
