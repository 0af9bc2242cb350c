/** Tests of the format matrix in the README: a cell is there because a test proves it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

export const COLUMNS = ['in images', 'in classes', 'in boxes', 'in polygons', 'out images', 'out classes', 'out boxes', 'out polygons', 'round trip', 'other reader', 'bounded memory'] as const;
type Column = (typeof COLUMNS)[number];

/**
 * A test that proves a cell of the matrix; several may prove one. The matrix is made from the calls as they are written, so both names are plain texts.
 * @param format its name for `--format`
 * @param column `in images` of itself where classes or boxes are read; `out images`: image files are part of the export; `round trip`: import, export, import gives the same of all that the format holds; `other reader`: a reader that is not Sluice's reads the export
 */
export function cell(format: string, column: Column, proof: () => Promise<void> | void, timeout = 60_000): void {
  test(`${format}: ${column}`, { timeout }, async () => {
    expect.hasAssertions();
    await proof();
  });
}

/** Formats by name, each with what is proven of it. */
export function provenCells(): ReadonlyMap<string, ReadonlySet<string>> {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const proven = new Map<string, Set<string>>();
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.test.ts'))) {
    for (const [, format = '', column = ''] of readFileSync(join(root, name), 'utf8').matchAll(/^ *cell\('([\w-]+)', '([\w ]+)',/gm)) {
      proven.set(format, (proven.get(format) ?? new Set()).add(column));
    }
  }
  return proven;
}
