import { describe, expect, test } from 'vitest';
import { alertLines, deadLines } from '../../../../pipelines/commands/read.ts';
import { memoryReader } from '../../../support/reader.ts';

const EVIL = 'a\u001b[2Jb\nc"d';
const dead = [{ seq: 3, id: EVIL, code: 'SLUICE_E_IMAGE_EMPTY', cause: 'the file\nholds no bytes' }];
const novel = { kind: 'novel', cluster: 4, time: Date.UTC(2026, 0, 1), seq: 1200, support: 5.25, exemplars: ['x.jpg', EVIL], streams: ['north', 'south'] };
const clock = { kind: 'health.clock', cluster: null, time: null, seq: 9, support: 1, exemplars: ['y.jpg'], streams: ['yard'] };

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

describe('alertLines', () => {
  test('as JSON: exactly the keys of the contract', () => {
    const lines = alertLines(memoryReader({ alerts: [novel, clock] }), true);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([{ ...novel, time: '2026-01-01T00:00:00.000Z' }, clock]);
    expect(Object.keys(JSON.parse(lines[0] ?? '') as object)).toEqual(['kind', 'cluster', 'time', 'seq', 'support', 'exemplars', 'streams']);
  });

  test('for people: one line each, nothing that steers a terminal', () => {
    expect(alertLines(memoryReader({ alerts: [novel, clock] }), false)).toEqual([
      '1200  novel cluster 4, support 5.3, north, south: x.jpg, a\\u001b[2Jb\\nc"d',
      '9  health.clock, support 1.0, yard: y.jpg',
    ]);
  });
});
