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
    let over = false;
    let timer: NodeJS.Timeout | undefined;
    const next = (): void => {
      if (!over && this.#lost === null) timer = setTimeout(() => void this.#beat().then(next, (error: unknown) => (this.#lost = { error })), this.#everyMs);
    };
    next();
    try {
      return await work;
    } finally {
      over = true;
      clearTimeout(timer);
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
