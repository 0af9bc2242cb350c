import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSource } from '../../../../infra/sources/open.ts';
import { python } from '../../../support/python.ts';
import { drain, errorAt, faultOf, faultsAt, folder, outline } from '../sources/fixtures.ts';
import { cell } from './cell.ts';
import { expectBounded } from './memory.ts';
import { exported, imported, labelsOf, made } from './world.ts';

const BOXES = [{ class: 'cat', bbox: [10, 20.5, 30, 40] }, { class: 'a, "b" & <c>', bbox: [0, 0, 640, 480] }] as const;
const SIZE = { original_width: 640, original_height: 480, image_rotation: 0 };
const region = (type: string, names: readonly string[], value: object): object => ({ id: 'r', type, from_name: 'label', to_name: 'image', ...SIZE, value: { ...value, [type]: names } });
const TASKS = [
  {
    id: 3, data: { image: '/data/local-files/?d=day%201/a.jpg', site: 'north' }, meta: {},
    annotations: [
      { id: 1, was_cancelled: true, result: [] },
      { id: 2, was_cancelled: false, lead_time: 3.5, result: [
        region('rectanglelabels', ['cat'], { x: 10, y: 20, width: 30, height: 40, rotation: 0 }),
        region('rectanglelabels', ['turned'], { x: 50, y: 50, width: 20, height: 10, rotation: 90 }),
        region('polygonlabels', ['dog'], { points: [[10, 10], [20, 10], [20, 30]] }),
        region('ellipselabels', ['eye'], { x: 50, y: 60, radiusX: 5, radiusY: 10, rotation: 0 }),
        region('brushlabels', ['sky'], { format: 'rle', rle: [0, 1] }),
        region('choices', ['street'], {}),
      ] },
    ],
  },
  { id: 4, data: { image: '/data/upload/1/b.jpg' }, annotations: [{ result: [region('choices', ['night'], {})] }], predictions: [{ model_version: 'other', result: [] }] },
  { id: 5, data: { image: 'c.jpg' }, annotations: [], predictions: [{ model_version: 'other', result: [region('choices', ['x'], {})] }] },
  { id: 6, data: { picture: 'd.jpg' }, annotations: [{ result: [] }] },
];
const project = (tasks: unknown = TASKS): string => folder({ 'tasks.json': JSON.stringify(tasks, null, 1), 'day 1/a.jpg': 'a', 'upload/1/b.jpg': 'b', 'c.jpg': 'c', 'd.jpg': 'd' });

cell('label-studio', 'in boxes', async () => {
  const { samples } = await imported(join(project(), 'tasks.json'));
  expect(samples.map(({ id }) => id)).toEqual(['day 1/a.jpg', 'upload/1/b.jpg', 'c.jpg', 'd.jpg']);
  const near = (...sides: readonly number[]): unknown => sides.map((side) => expect.closeTo(side, 9) as number);
  expect(samples[0]?.label).toEqual([
    { class: 'cat', bbox: near(0.1, 0.2, 0.3, 0.4), relative: true },
    // Turned by a quarter round its upper left corner: 128 x 48 pixels become 48 x 128.
    { class: 'turned', bbox: near(0.5 - 48 / 640, 0.5, 48 / 640, 128 / 480), relative: true },
    { class: 'dog', bbox: near(0.1, 0.1, 0.1, 0.2), relative: true },
    { class: 'eye', bbox: near(0.45, 0.5, 0.1, 0.2), relative: true },
  ]);
  expect(samples[3]?.label).toEqual([]);
});

cell('label-studio', 'in classes', async () => {
  const { samples } = await imported(join(project(), 'tasks.json'));
  expect([samples[1]?.label, samples[2]?.label]).toEqual(['night', null]);
});

cell('label-studio', 'out boxes', async () => {
  const finding = { index: 0, class: 'cat', bbox: [10, 20.5, 30, 40], cluster: 1, share: 0.1, suspicion: 0.75, suggested: 'dog', faults: [] } as const;
  const { to } = await exported('label-studio', [{ items: made(BOXES).map((item) => ({ ...item, suspicion: 0.25, objects: [finding] })) }]);
  const [task] = JSON.parse(readFileSync(join(to, 'tasks.json'), 'utf8')) as { data: Record<string, unknown>; predictions: { score: number; result: { score?: number; value: object }[] }[] }[];
  expect(task?.data).toMatchObject({ image: '/data/local-files/?d=images/set%200/000.jpg', sluice_id: 'set 0/000.jpg', sluice_verdict: 'admit', sluice_reason: 'novelty', sluice_suspicion: 0.25 });
  expect(task?.predictions).toMatchObject([{ model_version: 'sluice', score: 0.75, result: [{ score: 0.25, value: { x: 1.5625, y: 4.27083333, width: 4.6875, height: 8.33333333, rectanglelabels: ['cat'] } }, { value: { width: 100 } }] }]);
  expect(readFileSync(join(to, 'label_config.xml'), 'utf8')).toContain('<Label value="a, &quot;b&quot; &amp; &lt;c&gt;"/>');
});

cell('label-studio', 'out classes', async () => {
  const { to } = await exported('label-studio', [{ items: made('night', null) }]);
  const tasks = JSON.parse(readFileSync(join(to, 'tasks.json'), 'utf8')) as { predictions?: { result: unknown[] }[] }[];
  expect(tasks.map(({ predictions }) => predictions?.[0]?.result)).toEqual([[{ id: '0', type: 'choices', from_name: 'choice', to_name: 'image', value: { choices: ['night'] } }], undefined]);
  expect((await imported(join(to, 'tasks.json'))).samples.map(({ label }) => label)).toEqual(['night', null]);
});

cell('label-studio', 'out images', async () => {
  const { to } = await exported('label-studio', [{ items: made(BOXES) }]);
  expect(readFileSync(join(to, 'images/set 0/000.jpg'), 'utf8')).toBe('image 0');
});

cell('label-studio', 'round trip', async () => {
  const first = await imported(join(project(), 'tasks.json'));
  const { to, warnings } = await exported('label-studio', [first.part]);
  const second = await imported(join(to, 'tasks.json'));
  expect(Object.values(labelsOf(second.samples))).toEqual(Object.values(labelsOf(first.samples)));
  const tasks = JSON.parse(readFileSync(join(to, 'tasks.json'), 'utf8')) as typeof TASKS;
  expect(tasks.map((task) => ({ ...task, data: null }))).toEqual(TASKS.map((task) => ({ ...task, data: null })));
  expect(tasks[0]?.data).toMatchObject({ site: 'north' });
  expect(warnings).toEqual([]);
  expect((await exported('voc', [first.part])).warnings).toEqual(['left out, since voc does not hold it: further annotations (1), polygons (1), other shapes (1), masks (1), classes of whole images (1).']);
});

cell('label-studio', 'other reader', async () => {
  const { to } = await exported('label-studio', [{ items: made(BOXES) }]);
  // As label-studio-converter turns percent into pixels.
  const read = python(`
import sys, json, os, urllib.parse
tasks = json.load(open(os.path.join(sys.argv[1], 'tasks.json')))
out = []
for t in tasks:
  path = urllib.parse.unquote(t['data']['image'].split('?d=', 1)[1])
  out.append([os.path.exists(os.path.join(sys.argv[1], path))] + [[r['value']['rectanglelabels'][0]] + [round(r['value'][k] / 100 * r['original_' + ('width' if k in ('x', 'width') else 'height')], 3) for k in ('x', 'y', 'width', 'height')] for r in t['predictions'][0]['result']])
print(json.dumps(out))`, to);
  expect(read).toEqual([[true, ['cat', 10, 20.5, 30, 40], ['a, "b" & <c>', 0, 0, 640, 480]]]);
});

cell('label-studio', 'bounded memory', () => {
  const result = Array.from({ length: 60 }, (_, i) => region('rectanglelabels', [`class ${i % 5}`], { x: i, y: 10.5, width: 3.25, height: 7.125, rotation: 0 }));
  const task = JSON.stringify({ annotations: [{ result }] }).slice(1);
  expectBounded({ name: 'tasks.json', head: '[', item: (i) => `${i === 0 ? '' : ',\n'}{"id":${i},"data":{"image":"${i}.jpg"},${task}`, tail: ']', items: [2000, 12_000] });
}, 120_000);

test('a bad task or region costs nothing but itself', async () => {
  const bad = [region('rectanglelabels', [], { x: 1, y: 1, width: 1, height: 1 }), region('rectanglelabels', ['a'], { x: 1, y: 1, width: -1, height: 1 }), region('polygonlabels', ['a'], { points: [[1, 1], [2, 2]] }), region('rectanglelabels', ['a'], { x: 101, y: 1, width: 1, height: 1 }), region('rectanglelabels', ['ok'], { x: 1, y: 1, width: 1, height: 1 })];
  const tasks = [{ data: { image: 'c.jpg' }, annotations: [{ result: bad }] }, 7, { image: 'c.jpg' }, { data: {} }, { data: { image: 'https://x.org/y.jpg' } }, { data: { image: '/data/local-files/?d=../x.jpg' } }, { data: { image: 'none.jpg' } }, { data: { image: 'd.jpg' }, annotations: [{ result: [region('choices', ['x', 'y'], {})] }] }];
  const entries = await drain(await openSource(join(project(tasks), 'tasks.json')));
  expect(outline(entries)).toEqual(['c.jpg', ...[1, 2, 3, 4].map((i) => `tasks.json:[${i}] SLUICE_E_ROW_INVALID`), '../x.jpg SLUICE_E_PATH_OUTSIDE_ROOT', 'none.jpg SLUICE_E_IMAGE_MISSING', 'd.jpg']);
  expect(faultsAt(entries, 0).map((fault) => fault.replace(/:.*/s, ''))).toEqual(['SLUICE_E_ANNOTATION_CATEGORY', 'SLUICE_E_ANNOTATION_BOX', 'SLUICE_E_ANNOTATION_POLYGON', 'SLUICE_E_ANNOTATION_OUTSIDE']);
  expect(faultsAt(entries, 7)).toHaveLength(1);
  expect(errorAt(entries, 4).message).toContain('[4].data.image: "https://x.org/y.jpg" is no file here');
});

test('a broken file is told with its place', async () => {
  const here = folder({ 'a.json': '[{"data":{"image":"a.jpg"}},\n{"data" 1}]', 'b.json': '[\n{}' });
  expect(await faultOf(openSource(join(here, 'a.json')))).toMatchObject({ code: 'SLUICE_E_SOURCE_SYNTAX', message: expect.stringContaining('a.json, line 2, column 9: expected a colon') });
  expect(await faultOf(openSource(join(here, 'b.json')))).toMatchObject({ code: 'SLUICE_E_SOURCE_SYNTAX', message: expect.stringContaining('line 2') });
});
