import type { Entry } from '../../../operators/ports.ts';
import type { Feed } from './types.ts';

/** Several cameras, of which none starves the others: each gives one entry in its turn. */
export class Cameras {
  readonly #feeds: readonly Feed[];
  #turn = 0;
  #wake = (): void => {};

  constructor(feeds: readonly Feed[]) {
    this.#feeds = feeds;
  }

  get feeds(): readonly Feed[] {
    return this.#feeds;
  }

  start(): void {
    for (const feed of this.#feeds) feed.start(() => this.#wake());
  }

  /** What waits by now, at most so many; the next time it begins with the camera whose turn it would have been. */
  take(limit: number): readonly Entry[] {
    const entries: Entry[] = [];
    for (let without = 0; without < this.#feeds.length && entries.length < limit; ) {
      const entry = this.#feeds[this.#turn]?.take() ?? null;
      this.#turn = (this.#turn + 1) % this.#feeds.length;
      without = entry === null ? without + 1 : 0;
      if (entry !== null) entries.push(entry);
    }
    return entries;
  }

  /** Resolves when something comes, after so many milliseconds, or when it is given up. To be called in the same turn of the event loop in which nothing waited. */
  async moved(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const give = (): void => resolve();
    const timer = setTimeout(give, milliseconds);
    this.#wake = give;
    signal.addEventListener('abort', give);
    await promise;
    this.#wake = () => {};
    clearTimeout(timer);
    signal.removeEventListener('abort', give);
  }

  async close(): Promise<void> {
    await Promise.all(this.#feeds.map((feed) => feed.close()));
  }
}
