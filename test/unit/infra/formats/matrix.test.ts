/** The format matrix of the README is what tests prove. `UPDATE_DOCS=1 npm test -- test/unit/infra/formats/matrix.test.ts` writes it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formats } from '../../../../infra/sinks/formats.ts';
import { KINDS } from '../../../../infra/sources/kinds.ts';
import { COLUMNS, provenCells } from './cell.ts';

const README = new URL('../../../../README.md', import.meta.url);
const BLOCK = /(<!-- formats:[^\n]*-->\n)[\s\S]*?(?=<!-- \/formats -->)/;

function matrix(): string {
  const proven = provenCells();
  const names = [...new Set([...KINDS.map(({ name }) => name), ...formats.keys()])];
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const mark = (name: string, column: string): string => ([...(proven.get(name) ?? [])].some((each) => each === column || (column === 'in images' && each.startsWith('in '))) ? '✓' : '');
  return `${row(['format', ...COLUMNS])}${row(['format', ...COLUMNS].map((_, i) => (i === 0 ? '---' : ':-:')))}${names.map((name) => row([`\`${name}\``, ...COLUMNS.map((column) => mark(name, column))])).join('')}`;
}

test('the README has the matrix that the tests prove', () => {
  const text = readFileSync(README, 'utf8');
  expect(text).toMatch(BLOCK);
  const wanted = text.replace(BLOCK, (_, head: string) => `${head}${matrix()}`);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(README, wanted);
  expect(readFileSync(README, 'utf8')).toBe(wanted);
});

test('of every format that is read or written something is proven, and of nothing else', () => {
  const proven = provenCells();
  const has = (name: string, way: string): boolean => [...(proven.get(name) ?? [])].some((column) => column.startsWith(way));
  expect(KINDS.map(({ name }) => name).filter((name) => !has(name, 'in '))).toEqual([]);
  expect([...formats.keys()].filter((name) => !has(name, 'out '))).toEqual([]);
  for (const [name, columns] of proven) {
    expect([...formats.keys(), ...KINDS.map((kind) => kind.name)], name).toContain(name);
    expect(COLUMNS).toEqual(expect.arrayContaining([...columns]));
  }
});
