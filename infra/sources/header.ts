import type { Faults } from './faults.ts';
import type { Row } from './rows.ts';
import { show } from './text.ts';

/** Places of the columns in a row, -1 for one that is not there, and how many fields a row must have. */
export interface Columns<Name extends string> {
  readonly place: Readonly<Record<Name, number>>;
  readonly width: number;
}

/**
 * Reads a header row. Spaces around a name do not count; columns that are not asked for are ignored.
 * Faults: no header at all, a required column that is missing, one of the wanted twice.
 */
export function readHeader<Name extends string>(header: Row | null, required: readonly Name[], optional: readonly Name[], faults: Faults): Columns<Name> {
  const names = (header?.fields ?? []).map((name) => name.trim());
  const where = (column: number): string => `line ${header?.line ?? 1}, column ${column + 1}`;
  if (header === null) faults.add(where(0), `the file is empty; its first line must name the columns (${required.join(', ')}).`);
  const place: Partial<Record<Name, number>> = {};
  for (const name of [...required, ...optional]) {
    const first = names.indexOf(name);
    place[name] = first;
    const again = names.indexOf(name, first + 1);
    if (first >= 0 && again >= 0) faults.add(where(again), `the column ${show(name)} is there twice.`);
    if (first < 0 && required.includes(name) && header !== null) faults.add(where(0), `there is no column ${show(name)}${found(names)}.`);
  }
  return { place: place as Record<Name, number>, width: names.length };
}

function found(names: readonly string[]): string {
  const [only = ''] = names;
  const hint = names.length === 1 && /[;\t|]/.test(only) ? '; the fields must be divided by commas' : '';
  return ` (found: ${names.slice(0, 10).map((name) => show(name)).join(', ')})${hint}`;
}

/** Where and what is wrong with the number of fields of a row, or null. */
export function widthFault(row: Row, columns: Columns<string>): readonly [where: string, what: string] | null {
  if (row.fields.length === columns.width) return null;
  return [`line ${row.line}, column ${Math.min(row.fields.length, columns.width) + 1}`, `the row has ${row.fields.length} fields, the header ${columns.width}.`];
}
