import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { acknowledge, mute, readStanding } from '../../../../infra/alerts/standing.ts';
import { openStore } from '../../../../infra/store/sqlite.ts';
import { ackCommand, alertLines, muteCommand, unmuteCommand } from '../../../../pipelines/commands/alerts.ts';
import { someAlert } from '../../../support/alerts.ts';
import { memoryReader } from '../../../support/reader.ts';
import { batchOf, decisionAt } from '../../infra/store/decisions.ts';
import { codeOf, temporaryFolder } from '../../infra/store/world.ts';

const EVIL = 'a\u001b[2Jb\nc"d';
const told = { cluster: 4, seq: 1200, support: 5.25, exemplars: ['x.jpg', EVIL], streams: ['north', 'south'] };
const novel = someAlert({ ...told, time: Date.UTC(2026, 0, 1), firstSeen: { seq: 1100, time: Date.UTC(2025, 0, 1) }, nearestKnown: { cluster: 2, distance: 0.5 } });
const clock = someAlert({ kind: 'health.clock', cluster: null, support: 1, exemplars: ['y.jpg'], firstSeen: null });
const reader = memoryReader({ alerts: [novel, clock] });
const NOTHING = { acknowledged: new Map(), muted: new Set<string>(), mutes: [] };
const said = { acknowledged: new Map([['novel-1200', { at: Date.UTC(2026, 0, 2), by: 'Ada', note: EVIL }]]), muted: new Set(['health.clock-9']), mutes: [] };
const ALL = { open: false, json: false };
const idsOf = (lines: readonly string[]): unknown[] => lines.map((line) => (JSON.parse(line) as { id: unknown }).id);

describe('alertLines', () => {
  test('as JSON: the keys of the contract, and behind them what else is known and was said', () => {
    const lines = alertLines(reader, said, { ...ALL, json: true });
    const more = { id: 'novel-1200', first_seen: { seq: 1100, time: '2025-01-01T00:00:00.000Z' }, growth: null, nearest_known: { cluster: 2, distance: 0.5 } };
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { kind: 'novel', time: '2026-01-01T00:00:00.000Z', ...told, ...more, acknowledged: { time: '2026-01-02T00:00:00.000Z', by: 'Ada', note: EVIL }, muted: false },
      { kind: 'health.clock', cluster: null, time: null, seq: 9, support: 1, exemplars: ['y.jpg'], streams: ['yard'], id: 'health.clock-9', first_seen: null, growth: null, nearest_known: null, acknowledged: null, muted: true },
    ]);
    expect(Object.keys(JSON.parse(lines[0] ?? '') as object)).toEqual(['kind', 'cluster', 'time', 'seq', 'support', 'exemplars', 'streams', 'id', 'first_seen', 'growth', 'nearest_known', 'acknowledged', 'muted']);
  });

  test('for people: one line each, nothing that steers a terminal', () => {
    expect(alertLines(reader, said, ALL)).toEqual([
      '1200  novel cluster 4, support 5.3, north, south: x.jpg, a\\u001b[2Jb\\nc"d [novel-1200; acknowledged 2026-01-02T00:00:00.000Z by Ada: a\\u001b[2Jb\\nc"d]',
      '9  health.clock, support 1.0, yard: y.jpg [health.clock-9; muted]',
    ]);
  });

  test.for([
    [{ kind: 'novel' }, ['novel-1200']],
    [{ kind: 'health' }, ['health.clock-9']],
    [{ kind: 'health.clo' }, []],
    [{ stream: 'south' }, ['novel-1200']],
    [{ since: '2026-01-01T00:00:00Z' }, ['novel-1200']],
    [{ since: '2026-01-01T00:00:00.001Z' }, []],
    [{}, ['novel-1200', 'health.clock-9']],
  ] as const)('%j lists %j', ([flags, ids]) => {
    expect(idsOf(alertLines(reader, NOTHING, { ...ALL, ...flags, json: true }))).toEqual(ids);
  });

  test('--open leaves out what is acknowledged or muted', () => {
    const others = someAlert({ seq: 7 });
    expect(idsOf(alertLines(memoryReader({ alerts: [novel, clock, others] }), said, { open: true, json: true }))).toEqual([others.id]);
  });

  test('a time that is none is refused', () => {
    expect(codeOf(() => alertLines(reader, NOTHING, { ...ALL, since: 'yesterday' }))).toBe('SLUICE_E_USAGE');
  });
});

function folderWithAlert(): string {
  const dir = temporaryFolder();
  const store = openStore(dir);
  store.commit(batchOf({ decisions: [decisionAt(0)], alerts: [novel] }));
  store.close();
  return dir;
}

describe('what people say of alerts', () => {
  test('is kept while another holds the folder; the later word on one holds', () => {
    const dir = folderWithAlert();
    const store = openStore(dir);
    ackCommand(dir, novel.id, { by: 'Ada' });
    ackCommand(dir, novel.id, { by: 'Grace', note: 'a van' });
    muteCommand(dir, { kind: 'health', for: '2h' });
    muteCommand(dir, { kind: 'health', for: '3h' });
    muteCommand(dir, { stream: 'gate', cluster: '3', until: '2999-01-01' });
    store.close();
    const { acknowledged, mutes } = readStanding(dir, Date.now());
    expect([...acknowledged]).toEqual([[novel.id, { at: expect.closeTo(Date.now(), -5) as number, by: 'Grace', note: 'a van' }]]);
    expect(mutes.map(({ kind, stream, cluster }) => ({ kind, stream, cluster }))).toEqual([{ kind: 'health', stream: null, cluster: null }, { kind: null, stream: 'gate', cluster: 3 }]);
    expect(mutes[0]?.until).toBeGreaterThan(Date.now() + 2.5 * 3_600_000);
    unmuteCommand(dir, { kind: 'health' });
    expect(readStanding(dir, Date.now()).mutes.length).toBe(1);
    expect(codeOf(() => unmuteCommand(dir, { kind: 'health' }))).toBe('SLUICE_E_NOT_FOUND');
  });

  test('of what is not there is refused', () => {
    const dir = folderWithAlert();
    expect(codeOf(() => ackCommand(dir, 'nonsense', {}))).toBe('SLUICE_E_NOT_FOUND');
    expect(codeOf(() => muteCommand(temporaryFolder(), { kind: 'novel', for: '1h' }))).toBe('SLUICE_E_NOT_FOUND');
    for (const flags of [{ for: '1h' }, { kind: 'novel' }, { kind: 'novel', for: '1h', until: '2999-01-01' }, { kind: 'novel', for: '5' }, { kind: 'novel', until: '2020-01-01' }, { kind: 'novel', until: 'soon' }])
      expect(codeOf(() => muteCommand(dir, flags)), JSON.stringify(flags)).toBe('SLUICE_E_USAGE');
  });

  test('mutes end, and no more than a thousand are in force', () => {
    const dir = temporaryFolder();
    for (let cluster = 0; cluster < 1000; cluster++) mute(dir, { kind: null, stream: null, cluster }, 2000, 1000);
    expect(codeOf(() => mute(dir, { kind: null, stream: null, cluster: 1000 }, 2000, 1000))).toBe('SLUICE_E_USAGE');
    mute(dir, { kind: null, stream: null, cluster: 999 }, 3000, 1000);
    expect(readStanding(dir, 2500).mutes.length).toBe(1);
    mute(dir, { kind: null, stream: null, cluster: 1000 }, 4000, 2500);
    expect(readStanding(dir, 0).mutes.map(({ cluster }) => cluster)).toEqual([999, 1000]);
  }, 60_000);

  test('a file of another program or of a later version, or a link in its place, is left alone', () => {
    const dir = folderWithAlert();
    const file = join(dir, 'alerts.db');
    acknowledge(dir, novel.id, { at: 0, by: null, note: null });
    for (const [pragma, value] of [['user_version', 2], ['application_id', 7]] as const) {
      const db = new DatabaseSync(file);
      db.exec(`PRAGMA ${pragma} = ${value}`);
      db.close();
      expect([codeOf(() => readStanding(dir, 0)), codeOf(() => ackCommand(dir, novel.id, {}))]).toEqual(['SLUICE_E_STORE_CORRUPT', 'SLUICE_E_STORE_CORRUPT']);
    }
    rmSync(file);
    symlinkSync('/elsewhere', file);
    expect(codeOf(() => ackCommand(dir, novel.id, {}))).toBe('SLUICE_E_NOT_WRITABLE');
  });
});
