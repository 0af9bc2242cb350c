import { describe, expect, test } from 'vitest';
import { deadLines, faultLines } from '../../../../pipelines/commands/read.ts';
import { memoryReader } from '../../../support/reader.ts';

const EVIL = 'a\u001b[2Jb\nc"d';
const dead = [{ seq: 3, id: EVIL, code: 'SLUICE_E_IMAGE_EMPTY', cause: 'the file\nholds no bytes' }];

describe('deadLines', () => {
  test('as JSON: exactly id, cause, code and seq, nothing changed', () => {
    const [line = ''] = deadLines(memoryReader({ dead }), true);
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toEqual({ id: EVIL, cause: 'the file\nholds no bytes', code: 'SLUICE_E_IMAGE_EMPTY', seq: 3 });
  });

  test('for people: one line each, nothing that steers a terminal', () => {
    expect(deadLines(memoryReader({ dead }), false)).toEqual(['3  a\\u001b[2Jb\\nc"d: the file\\nholds no bytes [SLUICE_E_IMAGE_EMPTY]']);
  });
});

describe('faultLines', () => {
  const faults = [
    { id: null, seq: null, code: 'SLUICE_E_ANNOTATION_IMAGE', count: 1, causes: ['set.json, annotations[3]: nobody knows it'] },
    { id: EVIL, seq: 3, code: 'SLUICE_E_ANNOTATION_BOX', count: 12, causes: ['set.json, annotations[17].bbox: expected\nmore'] },
  ];

  test('as JSON: exactly id, seq, code, count and causes, nothing changed', () => {
    const lines = faultLines(memoryReader({ faults }), true);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(faults);
    expect(Object.keys(JSON.parse(lines[0] ?? '') as object)).toEqual(['id', 'seq', 'code', 'count', 'causes']);
  });

  test('for people: the places below their image, nothing that steers a terminal', () => {
    expect(faultLines(memoryReader({ faults }), false)).toEqual([
      'no image of the source: 1 left out [SLUICE_E_ANNOTATION_IMAGE]',
      '   set.json, annotations[3]: nobody knows it',
      '3  a\\u001b[2Jb\\nc"d: 12 left out [SLUICE_E_ANNOTATION_BOX]',
      '   set.json, annotations[17].bbox: expected\\nmore',
      '   and 11 more',
    ]);
  });
});
