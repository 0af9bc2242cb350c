/** `sluice diff`: what two versions differ in. */
import { SluiceError } from '../../schemas/errors.ts';
import { type Cover, diffOf, type Diff } from '../versions/diff.ts';
import { placesOf } from '../versions/places.ts';
import { printable, printLines } from './printable.ts';

export interface DiffFlags {
  readonly near: string;
  readonly json: boolean;
}

/** Classes and ids in the table for people. */
const SHOWN = 20;

export async function diffCommand(places: readonly string[], { near, json }: DiffFlags): Promise<void> {
  const least = Number(near);
  if (near.trim() === '' || !(least > -1 && least <= 1)) throw new SluiceError('SLUICE_E_USAGE', `--near must be a similarity above -1 and up to 1, not "${near}".`);
  const diff = await diffOf(placesOf(places), least);
  if (json) process.stdout.write(`${JSON.stringify(diff)}\n`);
  else printLines(diffLines(diff).map(printable));
}

export function diffLines({ a, b, added, removed, renamed, relabelled, classes, near, coverage }: Diff): readonly string[] {
  const changed = classes.filter((row) => row.a !== row.b);
  const row = (name: string, ...cells: readonly (string | number)[]): string => `${name.padEnd(44)}${cells.map((cell) => String(cell).padStart(10)).join('')}`;
  const forgotten = a.forgotten + b.forgotten;
  return [
    `${added.length} added, ${removed.length} removed, ${relabelled.length} relabelled, ${renamed.length} under another name`,
    '',
    row('', 'a', 'b', 'change'),
    row('items', a.admitted, b.admitted, signed(b.admitted - a.admitted)),
    row('classes', classes.filter((each) => each.a > 0).length, classes.filter((each) => each.b > 0).length),
    ...changed.slice(0, SHOWN).map((each) => row(`  ${each.class}`, each.a, each.b, signed(each.b - each.a))),
    ...(changed.length > SHOWN ? [`  and ${changed.length - SHOWN} more classes with --json`] : []),
    '',
    ...(coverage === null ? ['coverage: none to tell (a side is empty, or their embeddings are of different models)'] : [coverLine('a covers of b', coverage.aOfB, near), coverLine('b covers of a', coverage.bOfA, near)]),
    ...listed('+', added),
    ...listed('-', removed),
    ...listed('~', relabelled.map(({ id, from, to }) => `${id}: ${shown(from)} -> ${shown(to)}`)),
    ...(forgotten > 0 ? [`note: ${forgotten} items were forgotten since their version was made`] : []),
  ];
}

function coverLine(what: string, { share, mean }: Cover, near: number): string {
  return `${what} ${(100 * share).toFixed(1)} % (an item as like as ${near} or more)${mean === null ? '' : `; what is not in it is ${mean.toFixed(3)} like its nearest, on average`}`;
}

function listed(sign: string, lines: readonly string[]): readonly string[] {
  return [...lines.slice(0, SHOWN).map((line) => `${sign} ${line}`), ...(lines.length > SHOWN ? [`${sign} and ${lines.length - SHOWN} more with --json`] : [])];
}

function shown(label: Diff['relabelled'][number]['from']): string {
  return label === null ? 'none' : typeof label === 'string' ? label : `${label.length} ${label.length === 1 ? 'box' : 'boxes'}`;
}

function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value);
}
