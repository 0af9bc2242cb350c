/** Folders made for one test and taken away after it, and reading a source to its end. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Entry } from '../../../../operators/ports.ts';
import type { AnnotationFaults } from '../../../../schemas/annotations.ts';
import { SluiceError } from '../../../../schemas/errors.ts';
import type { Sample } from '../../../../schemas/sample.ts';
import type { OpenedSource } from '../../../../infra/sources/types.ts';

/** A new folder with files by their relative path. */
export function folder(files: Readonly<Record<string, string | Buffer>> = {}): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-source-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return put(root, files);
}

export function put(root: string, files: Readonly<Record<string, string | Buffer>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** A named pipe: reading it waits for ever. */
export function pipe(path: string): void {
  execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
}

/** All entries; each answer is checked to be no longer than asked for. */
export async function drain(source: OpenedSource, limit = 3): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const some = await source.next(limit);
    if (some.length > limit) throw new Error(`asked for ${limit}, got ${some.length}`);
    if (some.length === 0) break;
    entries.push(...some);
  }
  await source.close();
  if (source.total !== null && source.total !== entries.length) throw new Error(`total is ${source.total}, entries ${entries.length}`);
  return entries;
}

export function idsOf(entries: readonly Entry[]): string[] {
  return entries.map((entry) => ('sample' in entry ? entry.sample.id : entry.id));
}

/** `id` for a sample, `id CODE` for a bad entry. */
export function outline(entries: readonly Entry[]): string[] {
  return entries.map((entry) => ('sample' in entry ? entry.sample.id : `${entry.id} ${entry.error.code}`));
}

export function sampleAt(entries: readonly Entry[], index: number): Sample {
  const entry = entries[index];
  if (entry === undefined || 'error' in entry) throw new Error(`entry ${index} is no sample: ${entry === undefined ? 'none' : entry.error.message}`);
  return entry.sample;
}

/** `CODE: cause` of each annotation that was left out, as far as causes are kept. */
export function faultsAt(entries: readonly Entry[], index: number): string[] {
  return faultLines(sampleAt(entries, index).faults ?? []);
}

export function faultLines(faults: readonly AnnotationFaults[]): string[] {
  return faults.flatMap(({ code, causes }) => causes.map((cause) => `${code}: ${cause}`));
}

export function errorAt(entries: readonly Entry[], index: number): SluiceError {
  const entry = entries[index];
  if (entry === undefined || 'sample' in entry) throw new Error(`entry ${index} is no error`);
  return entry.error;
}

/** The SluiceError a promise is rejected with. */
export async function faultOf(promise: Promise<unknown>): Promise<SluiceError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (thrown: unknown) => ({ thrown }),
  );
  if (!('thrown' in outcome)) throw new Error('nothing was thrown');
  if (!(outcome.thrown instanceof SluiceError)) throw outcome.thrown;
  return outcome.thrown;
}
