/** `sluice replay DIR`: what other settings would have decided, from the recorded embeddings; nothing is written. */
import { readPolicy } from '../config/read-policy.ts';
import { allOrFaults, readBudget, readOneOf, readReveal, readWhole } from '../config/settings.ts';
import { CHOICES, type ClassRow } from '../redecide/compare.ts';
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
  readonly json: boolean;
}

/** Classes in the table for people. */
const SHOWN = 20;

export async function replayCommand(dir: string, flags: ReplayFlags): Promise<void> {
  const { policy, budget, budgetPer, seed, purpose, reveal, json } = flags;
  const read = allOrFaults({
    ...(policy === undefined ? {} : { policy: () => readPolicy(policy) }),
    ...(budget === undefined ? {} : { budget: () => readBudget(budget) }),
    ...(budgetPer === undefined ? {} : { per: () => readOneOf('--budget-per', budgetPer, ['fleet', 'stream']) }),
    ...(seed === undefined ? {} : { seed: () => readWhole('--seed', seed, 0, 2 ** 31 - 1) }),
    ...(purpose === undefined ? {} : { purpose: () => readOneOf('--purpose', purpose, ['train', 'validation']) }),
    ...(reveal === undefined ? {} : { reveal: () => readReveal(reveal) }),
  }) as Overrides;
  const result = await replay(dir, read, interruption());
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else printLines(replayLines(result).map(printable));
}

export function replayLines(result: ReplayResult): readonly string[] {
  const { worth, coverage, decided, both, gained, lost, classesInStream, rareClustersInStream, classes } = result;
  const row = (name: string, cells: readonly (string | number)[]): string => `${name.padEnd(44)}${cells.map((cell) => String(cell).padStart(11)).join('')}`;
  const of = (name: string, pick: (choice: (typeof CHOICES)[number]) => string | number): string => row(name, CHOICES.map(pick));
  const near = (part: 'mean' | 'worst') => (choice: (typeof CHOICES)[number]): string => coverage[choice]?.[part].toFixed(3) ?? 'none';
  return [
    `${decided} items decided again in ${result.seconds.toFixed(1)} s: ${both} admitted by both, ${gained} only by the replay, ${lost} only by the record`,
    '',
    row('', CHOICES),
    of('admitted', (choice) => worth[choice].admitted),
    ...(classesInStream === 0 ? [] : [of(`classes, of ${classesInStream}`, (choice) => worth[choice].classes)]),
    of(`rare clusters (2 to 10 items), of ${rareClustersInStream}`, (choice) => worth[choice].rareClusters),
    of('similarity to the nearest admitted, mean', near('mean')),
    of('similarity of the worst twentieth', near('worst')),
    ...(classesInStream === 0 ? [] : [of('labels for review', (choice) => worth[choice].forReview)]),
    ...classRows(classes, row),
    ...result.notes.map((note) => `note: ${note}`),
  ];
}

function classRows(classes: readonly ClassRow[], row: (name: string, cells: readonly (string | number)[]) => string): readonly string[] {
  if (classes.length === 0) return [];
  const rows = classes.slice(0, SHOWN).map((each) => row(`  ${each.class} (${each.stream})`, CHOICES.map((choice) => each[choice])));
  const more = classes.length - rows.length;
  return ['', `classes (in the stream), the greatest differences first${more > 0 ? `, ${more} more with --json` : ''}`, ...rows, ''];
}
