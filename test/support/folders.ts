/** Folders of pictures and manifests for tests that run the whole pipeline. Each picture is made once for a test file. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { brokenHeader, htmlPage, scene, SCENE_KINDS, truncated, zeroBytes } from './images.ts';

const root = mkdtempSync(join(tmpdir(), 'sluice-run-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;

/** A new empty folder that goes away with the test file. */
export function newFolder(): string {
  const dir = join(root, String(folders++));
  mkdirSync(dir);
  return dir;
}

/** A path at which there is nothing yet, for output. */
export function newPlace(): string {
  return join(root, `out-${folders++}`);
}

const made = new Map<number, Promise<Buffer>>();

/** The ith picture of a stream with common and rare kinds; every fourth is a near-duplicate of the one before it, every ninth the same file as three before. */
export function picture(i: number): Promise<Buffer> {
  const known = made.get(i);
  if (known !== undefined) return known;
  const bytes = i % 9 === 8 ? picture(i - 3) : scene(i - (i % 4 === 3 ? 1 : 0), kindOf(i), { jitter: i % 4 === 3 ? 1 : 0 });
  made.set(i, bytes);
  return bytes;
}

/** What the ith picture shows: the first kinds are common, the last rare. */
export function kindOf(i: number): (typeof SCENE_KINDS)[number] {
  const at = i % 9 === 8 ? i - 3 : i;
  const base = at - (at % 4 === 3 ? 1 : 0);
  return SCENE_KINDS[Math.floor(((base * 0.618_034) % 1) ** 2 * SCENE_KINDS.length)] ?? 'stripes';
}

export interface Made {
  readonly folder: string;
  /** Names of all files, in the order of the stream. */
  readonly names: readonly string[];
  /** Names of those that are no pictures. */
  readonly bad: readonly string[];
}

function nameOf(i: number): string {
  return `${String(i).padStart(4, '0')}.jpg`;
}

/** A folder of `count` files, the pictures `first`, `first` + 1, …; every `badEvery`th is broken, in turns of four kinds. */
export async function makePictures(count: number, { first = 0, badEvery = Infinity, folder = newFolder() }: { first?: number; badEvery?: number; folder?: string } = {}): Promise<Made> {
  const numbers = Array.from({ length: count }, (_, i) => first + i);
  const isBad = (i: number): boolean => i % badEvery === badEvery - 1;
  for (const i of numbers) writeFileSync(join(folder, nameOf(i)), isBad(i) ? broken(i, await picture(i)) : await picture(i));
  return { folder, names: numbers.map(nameOf), bad: numbers.filter(isBad).map(nameOf) };
}

function broken(i: number, jpeg: Buffer): Buffer {
  return [zeroBytes(), truncated(jpeg), htmlPage(), brokenHeader(jpeg)][i % 4] ?? zeroBytes();
}

/** A CSV file with these rows, the header first. @returns its path */
export function writeCsv(rows: readonly (readonly (string | number | null)[])[], file = join(newFolder(), 'list.csv')): string {
  const field = (value: string | number | null): string => (/[",\n\r]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value ?? ''));
  writeFileSync(file, rows.map((row) => `${row.map(field).join(',')}\n`).join(''));
  return file;
}

/** Labels for the pictures made: what they show, but for every eighth, which bears a wrong one. */
export function writeLabels(names: readonly string[]): string {
  const label = (name: string): string => {
    const i = Number.parseInt(name, 10);
    return i % 8 === 5 ? 'mistaken' : kindOf(i);
  };
  return writeCsv([['path', 'label'], ...names.map((name) => [name, label(name)])]);
}
