import { watch, type FSWatcher } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Entry } from '../../../operators/ports.ts';
import { isOtherKind } from '../other-kinds.ts';
import type { Feed } from './types.ts';

/** Between two looks, at least: a file that has not changed in between is complete. */
const SETTLE_MS = 500;
/** Between two looks, at most: not every file system tells when a file comes. */
const LOOK_MS = 2000;

interface Found {
  readonly name: string;
  readonly size: number;
  /** Milliseconds since 1970 of its last change. */
  readonly changed: number;
}

/**
 * A folder into which something writes pictures, also below it. Each file is handed out once, when it is complete, in the order of their times of change within
 * a look; none is dropped: the folder itself is the queue. Hidden files are not looked at, so whoever writes under a hidden name and renames is safe. Holds the names of the files that are there.
 */
export class WatchedFolder implements Feed {
  readonly name: string;
  readonly #folder: string;
  readonly #settled: (id: string) => boolean;
  /** Names that were handed out or are on record. */
  #known = new Set<string>();
  /** As they were at the last look. */
  #growing = new Map<string, Found>();
  #ready: Found[] = [];
  #heard = performance.now();
  #over = false;
  #moved = (): void => {};
  #wake = (): void => {};
  #changed = false;
  #watcher: FSWatcher | null = null;
  #running: Promise<void> = Promise.resolve();

  /** @param settled whether an item with this id was decided, or could not be, in an earlier run */
  constructor(name: string, folder: string, settled: (id: string) => boolean) {
    this.name = name;
    this.#folder = folder;
    this.#settled = settled;
  }

  get heard(): number {
    return this.#heard;
  }

  start(moved: () => void): void {
    this.#moved = moved;
    this.#heard = performance.now();
    this.#running = this.#run();
  }

  take(): Entry | null {
    const file = this.#ready.shift();
    if (file === undefined) return null;
    const path = join(this.#folder, file.name);
    return { sample: { id: this.#idOf(file.name), uri: path, stream: this.name, time: Math.round(file.changed), label: null, origin: null } };
  }

  async close(): Promise<void> {
    this.#over = true;
    this.#watcher?.close();
    this.#wake();
    await this.#running;
  }

  #idOf(name: string): string {
    return `${this.name}/${name}`;
  }

  async #run(): Promise<void> {
    while (!this.#over) {
      this.#listen();
      // A folder that cannot be read now is looked at again, as a camera is.
      await this.#look().catch(() => {});
      await this.#pause(SETTLE_MS);
      if (this.#growing.size === 0 && !this.#changed) await this.#pause(LOOK_MS - SETTLE_MS, true);
      this.#changed = false;
    }
  }

  /** Told when something comes, where the system can: otherwise it is found at the next look. */
  #listen(): void {
    if (this.#watcher !== null) return;
    try {
      this.#watcher = watch(this.#folder, () => {
        this.#changed = true;
        this.#wake();
      });
      this.#watcher.on('error', () => {
        this.#watcher?.close();
        this.#watcher = null;
      });
    } catch {
      this.#watcher = null;
    }
  }

  async #look(): Promise<void> {
    const names = await this.#names();
    const there = new Set(names);
    // What is gone needs no name any more.
    this.#known = new Set([...this.#known].filter((name) => there.has(name)));
    const growing = new Map<string, Found>();
    const complete: Found[] = [];
    for (const name of names) {
      if (this.#over) return;
      if (this.#known.has(name)) continue;
      const file = await this.#found(name);
      if (file === null) continue;
      const before = this.#growing.get(name);
      if (before !== undefined && before.size === file.size && before.changed === file.changed) complete.push(file);
      else growing.set(name, file);
    }
    this.#growing = growing;
    this.#hand(complete);
  }

  #hand(complete: readonly Found[]): void {
    const files = [...complete].sort((a, b) => a.changed - b.changed || (a.name < b.name ? -1 : 1));
    for (const { name } of files) this.#known.add(name);
    this.#ready.push(...files.filter(({ name }) => !this.#settled(this.#idOf(name))));
    if (files.length > 0) this.#heard = performance.now();
    if (this.#ready.length > 0) this.#moved();
  }

  async #names(): Promise<readonly string[]> {
    const entries = await readdir(this.#folder, { recursive: true, withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile()).map((entry) => relative(this.#folder, join(entry.parentPath, entry.name)));
    return names.filter((name) => !/(^|\/)\./.test(name) && !isOtherKind(name));
  }

  /** Null where it is gone, or still empty. */
  async #found(name: string): Promise<Found | null> {
    const found = await stat(join(this.#folder, name)).catch(() => null);
    return found === null || found.size === 0 ? null : { name, size: found.size, changed: found.mtimeMs };
  }

  /** @param early whether a change ends it */
  async #pause(milliseconds: number, early = false): Promise<void> {
    if (this.#over) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    this.#wake = () => {
      if (early || this.#over) resolve();
    };
    await promise;
    clearTimeout(timer);
  }
}
