import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSource } from '../../../../infra/sources/open.ts';
import { drain, errorAt, faultLines, faultsAt, folder, outline, put, sampleAt } from './fixtures.ts';

const object = (name: string, xmin: number | string, ymin: number, xmax: number, ymax: number, more = ''): string =>
  `<object><name>${name}</name>${more}<bndbox><xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax></bndbox></object>`;
const file = (...objects: readonly string[]): string => `<annotation>\n<size><width>100</width><height>50</height><depth>3</depth></size>\n${objects.join('\n')}\n</annotation>\n`;

function voc(files: Readonly<Record<string, string>>): string {
  const root = folder();
  for (const name of ['Annotations', 'JPEGImages']) mkdirSync(join(root, name));
  return put(root, files);
}

test('boxes are corners; no file says nothing, one without objects says that there is nothing', async () => {
  const text = `\ufeff<?xml version="1.0"?>${file(object('cat &amp; dog', 10, 5, 30.5, 25, '<difficult>1</difficult><part><name>head</name></part>'), object('<![CDATA[a<b]]>', 90, 40, 120, 60))}`;
  const here = voc({ 'JPEGImages/a.jpg': '', 'Annotations/a.xml': text, 'JPEGImages/b.c.png': '', 'Annotations/b.c.xml': file(), 'JPEGImages/sub/d.jpg': '', 'ImageSets/Main/train.txt': 'a\n', 'other.jpg': '' });
  const source = await openSource(here);
  const entries = await drain(source);
  expect(outline(entries)).toStrictEqual(['JPEGImages/a.jpg', 'JPEGImages/b.c.png', 'JPEGImages/sub/d.jpg']);
  expect(sampleAt(entries, 0)).toStrictEqual({
    id: 'JPEGImages/a.jpg', uri: join(here, 'JPEGImages/a.jpg'), stream: 'default', time: null,
    label: [{ class: 'cat & dog', bbox: [10, 5, 20.5, 20] }, { class: 'a<b', bbox: [90, 40, 30, 20] }],
    origin: JSON.stringify({ voc: text.slice(1) }),
  });
  expect([sampleAt(entries, 1).label, sampleAt(entries, 2).label]).toStrictEqual([[], null]);
  expect([source.identity, source.warnings(), source.faults]).toStrictEqual([`voc:${here}`, [], []]);
});

test('a bad object costs its image nothing but itself, and is told with its line', async () => {
  const here = voc({
    'JPEGImages/a.jpg': '',
    'Annotations/a.xml': file(object('', 1, 1, 2, 2), '<object><name>x</name></object>', object('x', '0x10', 1, 2, 2), object('x', 5, 1, 2, 2), object('x', 100, 1, 120, 2), object('good', 1, 1, 2, 2)),
    'Annotations/b.xml': file(),
  });
  const source = await openSource(here);
  const entries = await drain(source);
  expect(sampleAt(entries, 0).label).toStrictEqual([{ class: 'good', bbox: [1, 1, 1, 1] }]);
  expect(faultsAt(entries, 0)).toStrictEqual([
    'SLUICE_E_ANNOTATION_CATEGORY: Annotations/a.xml, line 3: the object has no <name>.',
    'SLUICE_E_ANNOTATION_BOX: Annotations/a.xml, line 4: the object has no <bndbox>.',
    'SLUICE_E_ANNOTATION_BOX: Annotations/a.xml, line 5: <xmin> is "0x10", no number.',
    'SLUICE_E_ANNOTATION_BOX: Annotations/a.xml, line 6: the box ends (2, 2) before it begins (5, 1).',
    'SLUICE_E_ANNOTATION_OUTSIDE: Annotations/a.xml, line 7: nothing of [100, 1, 20, 1] lies in the image of 100 x 50 pixels.',
  ]);
  expect(faultLines(source.faults)).toStrictEqual(['SLUICE_E_ANNOTATION_IMAGE: Annotations/b.xml: there is no image of this name in JPEGImages/.']);
});

describe('a file that cannot be read makes its image a dead letter', () => {
  const bomb = `<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;"> <!ENTITY f SYSTEM "file:///etc/passwd">]>`;
  test.each([
    ['not closed', '<annotation>\n<object></annotation>', 'Annotations/a.xml, line 2, column 21: unexpected close tag.'],
    ['cut off', '<annotation>\n<object>', 'Annotations/a.xml, line 2, column 8: unclosed tag: object.'],
    ['empty', '', 'Annotations/a.xml, line 1, column 0: document must contain a root element.'],
    ['another document', '<annotations></annotations>', 'Annotations/a.xml, line 1, column 1: expected <annotation>, found <annotations>.'],
    ['entities of its own', `${bomb}<annotation><object><name>&m;</name></object></annotation>`, /line 1, column \d+: undefined entity/],
    ['a file from elsewhere', `${bomb}<annotation><object><name>&f;</name></object></annotation>`, /line 1, column \d+: undefined entity/],
    ['too deep', '<annotation>'.repeat(40), /more than 32 elements inside each other/],
  ])('%s', async (_, text, cause) => {
    const entries = await drain(await openSource(voc({ 'JPEGImages/a.jpg': '', 'Annotations/a.xml': text })));
    expect(errorAt(entries, 0).code).toBe('SLUICE_E_LABEL_INVALID');
    expect(errorAt(entries, 0).message).toMatch(cause);
  });

  test('no UTF-8', async () => {
    const here = voc({ 'JPEGImages/a.jpg': '' });
    writeFileSync(join(here, 'Annotations/a.xml'), Buffer.from([0x3c, 0xff]));
    expect(errorAt(await drain(await openSource(here)), 0).message).toBe('Annotations/a.xml is not UTF-8.');
  });
});
