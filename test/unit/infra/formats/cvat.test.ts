import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSource } from '../../../../infra/sources/open.ts';
import { python } from '../../../support/python.ts';
import { drain, faultOf, faultsAt, folder, outline } from '../sources/fixtures.ts';
import { cell } from './cell.ts';
import { expectBounded } from './memory.ts';
import { exported, imported, labelsOf, made } from './world.ts';

const BOXES = [{ class: 'cat', bbox: [10, 20.5, 30, 40] }, { class: 'a, "b" & <c>', bbox: [0, 0, 640, 480] }] as const;
const IMAGES = `
  <image id="7" name="day 1/a.jpg" width="640" height="480">
    <box label="cat" source="manual" occluded="1" xtl="10.00" ytl="20.00" xbr="40.00" ybr="60.00" z_order="2" group_id="1">
      <attribute name="colour">red &amp; white</attribute>
    </box>
    <polygon label="dog" source="manual" occluded="0" points="10.5,10;20,10;20,30.25" z_order="0"/>
    <ellipse label="eye" cx="50" cy="60" rx="5" ry="10"/>
    <mask label="sky" rle="0, 5" left="3" top="4" width="5" height="6"/>
    <polyline label="lane" points="1,1;2,2"/>
    <tag label="street" source="manual"></tag>
  </image>
  <image id="8" name="b.jpg" width="640" height="480"><tag label="night" source="manual"/></image>
  <image id="9" name="c.jpg" width="640" height="480"></image>`;
const META = '<version>1.1</version><meta><job><id>3</id><labels><label><name>cat</name><color>#ff0000</color></label></labels></job></meta>';
const file = (images: string): string => `<?xml version="1.0" encoding="utf-8"?>\n<annotations>${META}${images}\n</annotations>\n`;
const task = (images = IMAGES): string => folder({ 'annotations.xml': file(images), 'images/day 1/a.jpg': 'a', 'images/b.jpg': 'b', 'images/c.jpg': 'c' });

cell('cvat', 'in boxes', async () => {
  const here = task();
  const { samples } = await imported(join(here, 'annotations.xml'));
  expect(samples[0]).toMatchObject({
    id: 'day 1/a.jpg', uri: join(here, 'images/day 1/a.jpg'),
    label: [{ class: 'cat', bbox: [10, 20, 30, 40] }, { class: 'dog', bbox: [10.5, 10, 9.5, 20.25] }, { class: 'eye', bbox: [45, 50, 10, 20] }, { class: 'sky', bbox: [3, 4, 5, 6] }],
  });
  expect(samples[2]).toMatchObject({ id: 'c.jpg', label: [] });
  // Without a folder `images`, names are relative to the file's own.
  expect((await imported(join(folder({ 'x.xml': file('<image name="a.jpg"/>'), 'a.jpg': '' }), 'x.xml'))).samples).toMatchObject([{ id: 'a.jpg' }]);
});

cell('cvat', 'in classes', async () => {
  expect((await imported(join(task(), 'annotations.xml'))).samples[1]).toMatchObject({ id: 'b.jpg', label: 'night' });
});

cell('cvat', 'out boxes', async () => {
  const { to } = await exported('cvat', [{ items: made(BOXES) }]);
  expect(readFileSync(join(to, 'annotations.xml'), 'utf8')).toContain('<box label="cat" source="manual" occluded="0" xtl="10" ytl="20.5" xbr="40" ybr="60.5" z_order="0"></box>');
});

cell('cvat', 'out classes', async () => {
  const { to, warnings } = await exported('cvat', [{ items: made('night', null) }], { split: 'val=1' });
  const text = readFileSync(join(to, 'annotations.xml'), 'utf8');
  expect(text).toContain('<image id="0" name="set 0/000.jpg" subset="val" width="640" height="480">\n    <tag label="night" source="manual"></tag>\n  </image>');
  expect(warnings).toEqual(['left out, since cvat does not hold it: that nothing is known of an image (1).']);
});

cell('cvat', 'out images', async () => {
  const { to } = await exported('cvat', [{ items: made(BOXES) }]);
  expect(readFileSync(join(to, 'images/set 0/000.jpg'), 'utf8')).toBe('image 0');
});

cell('cvat', 'round trip', async () => {
  const first = await imported(join(task(), 'annotations.xml'));
  const { to, warnings } = await exported('cvat', [first.part]);
  const second = await imported(join(to, 'annotations.xml'));
  expect(labelsOf(second.samples)).toEqual(labelsOf(first.samples));
  const bare = (origin: string | null): string | undefined => origin?.replace(/"id":"\d+"/, '');
  expect(second.samples.map(({ origin }) => bare(origin))).toEqual(first.samples.map(({ origin }) => bare(origin)));
  expect(second.part.header).toEqual(first.part.header);
  expect(warnings).toEqual([]);
  // Into another format what that does not hold is told.
  expect((await exported('voc', [first.part])).warnings).toEqual(['left out, since voc does not hold it: attributes (3), polygons (1), other shapes (2), masks (1), classes of whole images (1).']);
});

cell('cvat', 'other reader', async () => {
  const { to } = await exported('cvat', [{ items: made(BOXES, 'night') }]);
  const read = python(`
import sys, json, xml.etree.ElementTree as E
root = E.parse(sys.argv[1]).getroot()
print(json.dumps([[n.text for n in root.iterfind('meta/task/labels/label/name')], [[i.get('name'), [[b.get('label')] + [float(b.get(k)) for k in ('xtl', 'ytl', 'xbr', 'ybr')] for b in i.iter('box')], [t.get('label') for t in i.iter('tag')]] for i in root.iter('image')]]))`, join(to, 'annotations.xml'));
  expect(read).toEqual([['a, "b" & <c>', 'cat', 'night'], [['set 0/000.jpg', [['cat', 10, 20.5, 40, 60.5], ['a, "b" & <c>', 0, 0, 640, 480]], []], ['set 1/001.jpg', [], ['night']]]]);
});

cell('cvat', 'bounded memory', () => {
  const shapes = Array.from({ length: 60 }, (_, i) => `<box label="class ${i % 5}" source="manual" occluded="0" xtl="${i}.25" ytl="10.50" xbr="${i + 40}.75" ybr="90.10" z_order="0"></box>\n`).join('');
  expectBounded({ name: 'large.xml', head: '<annotations>', item: (i) => `<image id="${i}" name="${i}.jpg" width="640" height="480">${shapes}</image>\n`, tail: '</annotations>', items: [4000, 20_000] });
}, 120_000);

test('a bad shape or image costs nothing but itself', async () => {
  const images = `
<image id="1" name="b.jpg" width="640" height="480"><box xtl="1" ytl="1" xbr="2" ybr="2"/><box label="a" xtl="5" ytl="1" xbr="2" ybr="2"/><box label="a" xtl="NaN" ytl="1" xbr="2" ybr="2"/><polygon label="a" points="1,1;2,2"/><polygon label="a" points="1,1;2,x;3,3"/><box label="a" xtl="700" ytl="1" xbr="800" ybr="2"/><box label="ok" xtl="1" ytl="1" xbr="2" ybr="2"/></image>
<image id="2" name="c.jpg"><tag label="x"/><tag label="y"/></image><image id="3"/><image id="4" name="../x.jpg"/><image id="5" name="none.jpg"/>`;
  const entries = await drain(await openSource(join(task(images), 'annotations.xml')));
  expect(outline(entries)).toEqual(['b.jpg', 'c.jpg', 'annotations.xml:4 SLUICE_E_ROW_INVALID', '../x.jpg SLUICE_E_PATH_OUTSIDE_ROOT', 'none.jpg SLUICE_E_IMAGE_MISSING']);
  expect(faultsAt(entries, 0).map((fault) => fault.replace(/:.*line (\d).*/, ' $1'))).toEqual(['SLUICE_E_ANNOTATION_CATEGORY 3', ...Array.from({ length: 2 }, () => 'SLUICE_E_ANNOTATION_BOX 3'), ...Array.from({ length: 2 }, () => 'SLUICE_E_ANNOTATION_POLYGON 3'), 'SLUICE_E_ANNOTATION_OUTSIDE 3']);
  expect(faultsAt(entries, 1)).toEqual(['SLUICE_E_ANNOTATION_CATEGORY: annotations.xml, line 4: the image has the class "x" already, and this is another.']);
});

test.each([
  ['<annotations><image name="a.jpg"></annotations>', 'SLUICE_E_SOURCE_SYNTAX', /line 1, column \d+/],
  ['<annotations><image name="a.jpg"/>', 'SLUICE_E_SOURCE_SYNTAX', /line 1/],
  ['<other/>', 'SLUICE_E_SOURCE_SYNTAX', /line 1, column 1/],
  ['<annotations><track id="0" label="car"/></annotations>', 'SLUICE_E_UNSUPPORTED', /CVAT for images/],
  [Buffer.from('<annotations>\n\xe4</annotations>', 'latin1'), 'SLUICE_E_SOURCE_SYNTAX', /line 2, column 1: the file is not UTF-8/],
  ['<!DOCTYPE a [<!ENTITY b "bbbb">]><annotations><image name="&b;"/></annotations>', 'SLUICE_E_SOURCE_SYNTAX', /line 1/],
  [`<annotations>${'<image>'.repeat(40)}`, 'SLUICE_E_SOURCE_SYNTAX', /more than 32 elements inside each other/],
])('a broken file is told with its place: %.60s', async (text, code, place) => {
  const fault = await faultOf(openSource(join(folder({ 'a.xml': text }), 'a.xml')));
  expect([fault.code, fault.message]).toEqual([code, expect.stringMatching(place)]);
});
