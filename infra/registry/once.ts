import { BoundedMap } from '../../schemas/avro/bounded-map.ts';

/** Answers that never change, each asked for once: callers at the same time share one question. A failure is not kept. */
export class Once<K, V> {
  readonly #known: BoundedMap<K, V>;
  readonly #asked = new Map<K, Promise<V>>();

  /** @param limit answers kept */
  constructor(limit: number) {
    this.#known = new BoundedMap(limit);
  }

  known(key: K): V | undefined {
    return this.#known.get(key);
  }

  of(key: K, ask: () => Promise<V>): Promise<V> {
    const known = this.#known.get(key);
    if (known !== undefined) return Promise.resolve(known);
    const asked = this.#asked.get(key) ?? this.#ask(key, ask);
    this.#asked.set(key, asked);
    return asked;
  }

  async #ask(key: K, ask: () => Promise<V>): Promise<V> {
    try {
      const value = await ask();
      this.#known.set(key, value);
      return value;
    } finally {
      this.#asked.delete(key);
    }
  }
}
