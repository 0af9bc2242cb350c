/** `sluice test`: runs the config tests beside pipeline files. Exit 1 where one fails, 78 where a file has faults; then none is run. */
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../../schemas/errors.ts';
import { runCase } from '../config/cases/run.ts';
import { type Case, DIMENSION, readCases } from '../config/cases/spec.ts';
import { engineSettings } from '../config/engine-settings.ts';
import { type PipelineConfig, readPipeline } from '../config/pipeline.ts';
import { allOrFaults } from '../config/settings.ts';
import { printable, printLines } from './printable.ts';

export async function testCommand(places: readonly string[]): Promise<void> {
  const { lines, failed } = await runFiles(places);
  printLines(lines);
  if (failed > 0) process.exitCode = 1;
}

/** @param places test files, and folders that hold some. @returns a line for each test, under it what was not as expected, and the counts */
export async function runFiles(places: readonly string[]): Promise<{ lines: readonly string[]; failed: number }> {
  const lines: string[] = [];
  const counts = { passed: 0, failed: 0 };
  for (const { file, config, cases } of readAll(places)) {
    for (const each of cases) {
      const failures = await runCase(config, each);
      counts[failures.length === 0 ? 'passed' : 'failed'] += 1;
      lines.push(printable(`${failures.length === 0 ? 'ok  ' : 'FAIL'}  ${file}: ${each.name}`), ...failures.map((failure) => printable(`        ${failure}`)));
    }
  }
  return { lines: [...lines, `${counts.passed} passed, ${counts.failed} failed`], failed: counts.failed };
}

interface Ready {
  readonly file: string;
  readonly config: PipelineConfig;
  readonly cases: readonly Case[];
}

/** All files, before the first test: every fault at once. */
function readAll(places: readonly string[]): readonly Ready[] {
  const files = [...new Set(places.flatMap(testFiles))];
  const read = allOrFaults(Object.fromEntries(files.map((file) => [file, () => readOne(file)])));
  return Object.values(read);
}

function readOne(file: string): Ready {
  const { pipeline, env, tests } = readCases(file);
  const config = readPipeline(pipeline, env);
  // What the engine cannot do yet is told before the first test as well.
  engineSettings(config, DIMENSION);
  return { file, config, cases: tests };
}

const NAME = /\.test\.ya?ml$/;

function testFiles(place: string): readonly string[] {
  const stat = statSync(place, { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true) {
    if (NAME.test(place)) return [place];
    throw new SluiceError('SLUICE_E_CONFIG_INVALID', `${place} is no *.test.yaml and no folder`);
  }
  const found = filesUnder(place);
  if (found.length === 0) throw new SluiceError('SLUICE_E_CONFIG_INVALID', `there is no *.test.yaml in the folder ${place}`);
  return found;
}

/** Linked and hidden folders, and packages, are not gone into. */
function filesUnder(folder: string): string[] {
  const entries = entriesOf(folder).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    if (entry.isDirectory()) return entry.name.startsWith('.') || entry.name === 'node_modules' ? [] : filesUnder(join(folder, entry.name));
    return entry.isFile() && NAME.test(entry.name) ? [join(folder, entry.name)] : [];
  });
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (thrown) {
    throw new SluiceError('SLUICE_E_CONFIG_INVALID', `the folder ${folder} could not be read (${(thrown as NodeJS.ErrnoException).code ?? 'unknown'})`, { cause: thrown });
  }
}
