import { setTimeout as sleep } from 'node:timers/promises';

/** Keeps the membership of a consumer group alive while its handler works. */
export class Heart {
  readonly #beat: () => Promise<void>;
  readonly #everyMs: number;
  #lost: { readonly error: unknown } | null = null;

  constructor(beat: () => Promise<void>, everyMs: number) {
    this.#beat = beat;
    this.#everyMs = everyMs;
  }

  /** Waits for the work to its end, also where the membership is lost meanwhile: work that was numbered cannot be left half done. */
  async during<T>(work: Promise<T>): Promise<T> {
    const over = new AbortController();
    const beating = this.#beats(over.signal);
    try {
      return await work;
    } finally {
      over.abort();
      await beating;
    }
  }

  async #beats(over: AbortSignal): Promise<void> {
    while (this.#lost === null) {
      const ended = await sleep(this.#everyMs, false, { signal: over }).catch(() => true);
      if (ended) return;
      try {
        await this.#beat();
      } catch (error) {
        this.#lost = { error };
      }
    }
  }

  get lost(): boolean {
    return this.#lost !== null;
  }

  /** @throws where the membership was lost */
  check(): void {
    if (this.#lost !== null) throw this.#lost.error;
  }
}
