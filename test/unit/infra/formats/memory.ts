/** Whether a format is read in bounded memory: a large file is made, and read by a process of its own. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { temporaryFolder } from '../store/world.ts';

const CHILD = fileURLToPath(new URL('drain-child.ts', import.meta.url));

interface Large {
  /** Other files, where the source is the folder they are in. */
  readonly folder?: Readonly<Record<string, string>>;
  readonly name: string;
  readonly head: string;
  /** The ith item; what divides items is part of it. */
  readonly item: (i: number) => string;
  readonly tail: string;
  /** Of the small file, which should be large enough to fill what is held at once, and of the large one. */
  readonly items: readonly [small: number, large: number];
  /** The most that memory may grow by, as a part of what the file grows by; a half where nothing is said: what is held whole takes more than the file has. */
  readonly share?: number;
  /** Of either file; as many as items where nothing is said. */
  readonly entries?: number;
}

/** Images of the items need not be there: each is an entry, if a bad one. */
export function expectBounded({ folder, name, head, item, tail, items, share = 0.5, entries }: Large): void {
  const [small, large] = items.map((count) => {
    const place = temporaryFolder();
    const path = join(place, name);
    for (const [other, text] of Object.entries(folder ?? {})) writeFileSync(join(place, other), text);
    const file = openSync(path, 'w');
    writeSync(file, head);
    for (let i = 0; i < count; ) {
      const texts: string[] = [];
      for (let n = 0; n < 1000 && i < count; n++, i++) texts.push(item(i));
      writeSync(file, texts.join(''));
    }
    writeSync(file, tail);
    closeSync(file);
    const read = JSON.parse(execFileSync(process.execPath, ['--max-old-space-size=64', '--max-semi-space-size=4', CHILD, folder === undefined ? path : place], { encoding: 'utf8', maxBuffer: 2 ** 24 })) as { readonly entries: number; readonly memory: number };
    expect(read.entries).toBe(entries ?? count);
    return { size: statSync(path).size, memory: read.memory };
  });
  if (small === undefined || large === undefined) throw new Error('two files were to be made');
  const [grown, more] = [large.memory - small.memory, large.size - small.size];
  expect(more).toBeGreaterThan(100 * 2 ** 20);
  expect(grown / more, `${Math.round(grown / 2 ** 20)} MiB for ${Math.round(more / 2 ** 20)} MiB more`).toBeLessThan(share);
}
