/** `sluice replay DIR`: what other settings would have decided, from the recorded embeddings; nothing is written. */
import { resolve } from 'node:path';
import { writeComparison } from '../../infra/sinks/report/comparison/comparison.ts';
import type { ComparisonData } from '../../infra/sinks/report/comparison/types.ts';
import { openReader } from '../../infra/store/reader.ts';
import { readPolicy } from '../config/read-policy.ts';
import { allOrFaults, readBudget, readOneOf, readReveal, readWhole } from '../config/settings.ts';
import { type Choice, CHOICES, type ClassRow } from '../redecide/compare.ts';
import { type Overrides, replay, type ReplayResult } from '../redecide/replay.ts';
import { interruption } from './interruption.ts';
import { printable, printLines } from './printable.ts';

export interface ReplayFlags {
  readonly policy?: string;
  readonly budget?: string;
  readonly budgetPer?: string;
  readonly seed?: string;
  readonly purpose?: string;
  readonly reveal?: string;
  readonly report?: string;
  readonly json: boolean;
}

/** Classes in the table for people. */
const SHOWN = 20;

export async function replayCommand(dir: string, flags: ReplayFlags): Promise<void> {
  const { policy, budget, budgetPer, seed, purpose, reveal, report, json } = flags;
  const read = allOrFaults({
    ...(policy === undefined ? {} : { policy: () => readPolicy(policy) }),
    ...(budget === undefined ? {} : { budget: () => readBudget(budget) }),
    ...(budgetPer === undefined ? {} : { per: () => readOneOf('--budget-per', budgetPer, ['fleet', 'stream']) }),
    ...(seed === undefined ? {} : { seed: () => readWhole('--seed', seed, 0, 2 ** 31 - 1) }),
    ...(purpose === undefined ? {} : { purpose: () => readOneOf('--purpose', purpose, ['train', 'validation']) }),
    ...(reveal === undefined ? {} : { reveal: () => readReveal(reveal) }),
  }) as Overrides;
  const result = await replay(dir, read, interruption());
  if (report !== undefined) await reportOn(dir, result, report);
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else printLines(replayLines(result).map(printable));
}

async function reportOn(dir: string, result: ReplayResult, file: string): Promise<void> {
  const { examples, gained, lost } = result;
  const reader = openReader(dir);
  try {
    await writeComparison(reader, { ...result, dir, figures: figuresOf(result), gained: examples.gained, lost: examples.lost, gainedCount: gained, lostCount: lost }, resolve(file));
  } finally {
    reader.close();
  }
}

function figuresOf({ worth, coverage, classesInStream, rareClustersInStream }: ReplayResult): ComparisonData['figures'] {
  const row = (name: string, digits: number | null, pick: (choice: Choice) => number): ComparisonData['figures'][number] => ({ name, digits, sides: { recorded: pick('recorded'), replay: pick('replay'), random: pick('random') } });
  const labelled = classesInStream > 0;
  return [
    row('admitted', null, (choice) => worth[choice].admitted),
    ...(labelled ? [row(`classes, of ${classesInStream}`, null, (choice) => worth[choice].classes)] : []),
    row(`rare clusters (2 to 10 items), of ${rareClustersInStream}`, null, (choice) => worth[choice].rareClusters),
    row('similarity to the nearest admitted, mean', 3, (choice) => coverage[choice]?.mean ?? NaN),
    row('similarity of the worst twentieth', 3, (choice) => coverage[choice]?.worst ?? NaN),
    ...(labelled ? [row('labels for review', null, (choice) => worth[choice].forReview)] : []),
  ];
}

export function replayLines(result: ReplayResult): readonly string[] {
  const { decided, both, gained, lost, classes } = result;
  const row = (name: string, cells: readonly (string | number)[]): string => `${name.padEnd(44)}${cells.map((cell) => String(cell).padStart(11)).join('')}`;
  const text = (value: number, digits: number | null): string => (Number.isNaN(value) ? 'none' : digits === null ? String(value) : value.toFixed(digits));
  return [
    `${decided} items decided again in ${result.seconds.toFixed(1)} s: ${both} admitted by both, ${gained} only by the replay, ${lost} only by the record`,
    '',
    row('', CHOICES),
    ...figuresOf(result).map(({ name, digits, sides }) => row(name, CHOICES.map((choice) => text(sides[choice], digits)))),
    ...settingRows(result),
    ...classRows(classes, row),
    ...result.notes.map((note) => `note: ${note}`),
  ];
}

function settingRows({ settings }: ReplayResult): readonly string[] {
  if (settings.length === 0) return [];
  return ['', 'settings that differ', ...settings.map(({ name, recorded, replay: now }) => `  ${name}: ${recorded} -> ${now}`)];
}

function classRows(classes: readonly ClassRow[], row: (name: string, cells: readonly (string | number)[]) => string): readonly string[] {
  if (classes.length === 0) return [];
  const rows = classes.slice(0, SHOWN).map((each) => row(`  ${each.class} (${each.stream})`, CHOICES.map((choice) => each[choice])));
  const more = classes.length - rows.length;
  return ['', `classes (in the stream), the greatest differences first${more > 0 ? `, ${more} more with --json` : ''}`, ...rows, ''];
}
