/** A report written to a folder of its own, and what a test wants to know of it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll } from 'vitest';
import { join } from 'node:path';
import { writeReport } from '../../../../../infra/sinks/report/report.ts';
import type { SummaryData } from '../../../../../infra/sinks/report/data.ts';
import type { Reader } from '../../../../../infra/store/types.ts';

export interface Written {
  readonly dir: string;
  readonly html: string;
  readonly summary: SummaryData;
  /** Values of the visible counts, by what they count. */
  readonly counts: ReadonlyMap<string, number>;
}

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-report-'));
  folders.push(folder);
  return folder;
}

export async function written(reader: Reader, dir = emptyFolder()): Promise<Written> {
  const file = join(dir, 'report.html');
  await writeReport(reader, file);
  const html = readFileSync(file, 'utf8');
  const counts = [...html.matchAll(/data-count="([^"]*)" data-value="([^"]*)">([^<]*)</g)].map((m): [string, number] => [m[1] ?? '', Number(m[2])]);
  return { dir, html, summary: JSON.parse(island(html, 'summary')) as SummaryData, counts: new Map(counts) };
}

/** The text of one of the page's data scripts. */
export function island(html: string, id: string): string {
  const found = new RegExp(`<script type="application/json" id="${id}">([^]*?)</script>`).exec(html);
  if (found?.[1] === undefined) throw new Error(`the page has no data ${id}`);
  return found[1];
}
