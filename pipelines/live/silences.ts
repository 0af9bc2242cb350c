/** Which cameras nothing has come from for too long, each told once until something comes. */
import type { Feed } from '../../infra/sources/cameras/types.ts';

export interface Watched {
  readonly feed: Pick<Feed, 'name' | 'heard'>;
  /** Milliseconds. */
  readonly after: number;
}

export class Silences {
  readonly #watched: readonly Watched[];
  readonly #now: () => number;
  /** When those that were told of were last heard. */
  readonly #told = new Map<string, number>();

  /** @param now of the same clock as `heard` */
  constructor(watched: readonly Watched[], now: () => number) {
    this.#watched = watched;
    this.#now = now;
  }

  /** Those that have fallen silent since the last call. */
  due(): readonly string[] {
    const now = this.#now();
    return this.#watched.flatMap(({ feed: { name, heard }, after }) => {
      if (now - heard < after || this.#told.get(name) === heard) return [];
      this.#told.set(name, heard);
      return [name];
    });
  }
}
