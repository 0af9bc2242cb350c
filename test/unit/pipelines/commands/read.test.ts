import { describe, expect, test } from 'vitest';
import { alertLines, deadLines, faultLines } from '../../../../pipelines/commands/read.ts';
import { someAlert } from '../../../support/alerts.ts';
import { memoryReader } from '../../../support/reader.ts';

const EVIL = 'a\u001b[2Jb\nc"d';
const dead = [{ seq: 3, id: EVIL, code: 'SLUICE_E_IMAGE_EMPTY', cause: 'the file\nholds no bytes' }];
const told = { cluster: 4, seq: 1200, support: 5.25, exemplars: ['x.jpg', EVIL], streams: ['north', 'south'] };
const novel = someAlert({ ...told, time: Date.UTC(2026, 0, 1), firstSeen: { seq: 1100, time: Date.UTC(2025, 0, 1) }, nearestKnown: { cluster: 2, distance: 0.5 } });
const clock = someAlert({ kind: 'health.clock', cluster: null, support: 1, exemplars: ['y.jpg'], firstSeen: null });

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

describe('alertLines', () => {
  test('as JSON: the keys of the contract, and behind them what else is known', () => {
    const lines = alertLines(memoryReader({ alerts: [novel, clock] }), true);
    const more = { id: 'novel-1200', first_seen: { seq: 1100, time: '2025-01-01T00:00:00.000Z' }, growth: null, nearest_known: { cluster: 2, distance: 0.5 } };
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { kind: 'novel', time: '2026-01-01T00:00:00.000Z', ...told, ...more },
      { kind: 'health.clock', cluster: null, time: null, seq: 9, support: 1, exemplars: ['y.jpg'], streams: ['yard'], id: 'health.clock-9', first_seen: null, growth: null, nearest_known: null },
    ]);
    expect(Object.keys(JSON.parse(lines[0] ?? '') as object)).toEqual(['kind', 'cluster', 'time', 'seq', 'support', 'exemplars', 'streams', 'id', 'first_seen', 'growth', 'nearest_known']);
  });

  test('for people: one line each, nothing that steers a terminal', () => {
    expect(alertLines(memoryReader({ alerts: [novel, clock] }), false)).toEqual([
      '1200  novel cluster 4, support 5.3, north, south: x.jpg, a\\u001b[2Jb\\nc"d',
      '9  health.clock, support 1.0, yard: y.jpg',
    ]);
  });
});
