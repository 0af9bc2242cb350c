/** The demo, from the command to the report in a browser, against what is known of its stream. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SummaryData } from '../../infra/sinks/report/data.ts';
import { openBrowser } from '../support/browser.ts';
import { type Ended, start } from '../support/cli.ts';

interface Row {
  readonly id: string;
  readonly seq: number;
  readonly stream: string;
  readonly verdict: string;
  readonly label: unknown;
  readonly suspicion: number | null;
  readonly reasons: readonly { readonly code: string }[];
}

const demo = new URL('../../examples/demo/', import.meta.url);
const table = (name: string): Record<string, string>[] => parse(readFileSync(new URL(name, demo)), { columns: true }) as Record<string, string>[];
const lines = (text: string): Record<string, unknown>[] => text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>);

describe('the demo', () => {
  const out = mkdtempSync(join(tmpdir(), 'sluice-demo-'));
  let told: Ended;
  let rows: readonly Row[] = [];
  let dead: Record<string, unknown>[] = [];
  let alerts: Record<string, unknown>[] = [];

  beforeAll(async () => {
    told = await start(['demo', '--out', out]).ended;
    const read = async (...args: string[]): Promise<Record<string, unknown>[]> => lines((await start(args).ended).stdout);
    [rows, dead, alerts] = await Promise.all([
      read('export', out, '--format', 'jsonl', '--verdict', 'all', '--to', '-') as Promise<unknown> as Promise<Row[]>,
      read('dead', out, '--json'),
      read('alerts', out, '--json'),
    ]);
  }, 240_000);
  afterAll(() => rmSync(out, { recursive: true }));

  test('ends well and tells a person what it found and what to do next', () => {
    expect(told).toMatchObject({ code: 0 });
    for (const word of ['inputs', 'kept', 'near duplicate', 'Labels that look wrong', 'Bad files', 'Alerts', join(out, 'report.html'), 'Next:']) expect(told.stdout).toContain(word);
  });

  test('every row of the manifest has one verdict or one dead letter, in order', () => {
    const count = table('stream.csv').length;
    const seqs = [...rows.map(({ seq }) => seq), ...dead.map(({ seq }) => Number(seq))].sort((a, b) => a - b);
    expect(seqs).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  test('good and bad files end as the list says', () => {
    const verdicts = new Set(rows.map(({ seq }) => seq));
    for (const { seq, path, outcome } of table('expected.csv')) expect([path, verdicts.has(Number(seq)) ? 'verdict' : 'dead']).toEqual([path, outcome]);
    expect(dead).toHaveLength(table('expected.csv').filter(({ outcome }) => outcome === 'dead').length);
  });

  test('a quarter is kept', () => {
    const kept = rows.filter(({ verdict }) => verdict === 'admit').length / rows.length;
    expect(kept).toBeGreaterThanOrEqual(0.24);
    expect(kept).toBeLessThanOrEqual(0.26);
  });

  test('the new kind raises the one alert, with its own images as exemplars', () => {
    const kind = new Set(table('new-kind.csv').map(({ path }) => path));
    expect(alerts.map(({ kind: name }) => name)).toEqual(['novel']);
    const exemplars = alerts[0]?.['exemplars'] as string[];
    expect(exemplars.length).toBeGreaterThanOrEqual(3);
    for (const id of exemplars) expect(kind).toContain(id);
  });

  test('wrong labels stand out', () => {
    const wrong = new Set(table('truth.csv').map(({ path }) => path));
    const judged = rows.filter(({ suspicion }) => suspicion !== null).sort((a, b) => (b.suspicion ?? 0) - (a.suspicion ?? 0));
    expect(judged.filter(({ id }) => wrong.has(id))).toHaveLength(wrong.size);
    const among = (first: number): number => judged.slice(0, first).filter(({ id }) => wrong.has(id)).length;
    // 4 % are wrong: of ten drawn at random none or one would be.
    expect(among(10)).toBeGreaterThanOrEqual(5);
    expect(among(judged.length / 4)).toBeGreaterThanOrEqual(0.7 * wrong.size);
  });

  test('the report says in Chromium what the export says', async () => {
    const browser = await openBrowser();
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('request', (request) => request.url().startsWith('http') && faults.push(request.url()));
    await page.goto(pathToFileURL(join(out, 'report.html')).href);
    await page.waitForSelector('html[data-ready="true"]');
    const count = (list: readonly string[]): Record<string, number> => Object.fromEntries([...new Set(list)].map((name) => [name, list.filter((each) => each === name).length]));
    const admitted = rows.filter(({ verdict }) => verdict === 'admit').length;
    const summary = JSON.parse((await page.locator('#summary').textContent()) ?? '') as SummaryData;
    expect(summary).toMatchObject({ decided: rows.length, admitted, rejected: rows.length - admitted, dead: dead.length });
    expect(summary.reasons).toEqual(count(rows.map(({ reasons }) => reasons[0]?.code ?? '')));
    const shown = (key: string): Promise<string | null> => page.locator(`[data-count="${key}"]`).first().getAttribute('data-value');
    const seen = await Promise.all(['decided', 'admitted', 'rejected', 'dead'].map(shown));
    expect(seen.map(Number)).toEqual([rows.length, admitted, rows.length - admitted, dead.length]);
    expect(faults).toEqual([]);
    await browser.close();
  });
});
