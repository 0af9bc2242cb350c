/** Names numbered in order of first sight. */
export class Names {
  readonly #numbers = new Map<string, number>();
  readonly #limit: number;

  /** @param limit how many names there are numbers for; later ones share the last number */
  constructor(limit: number) {
    this.#limit = limit;
  }

  number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.#numbers.size >= this.#limit - 1) return this.#limit - 1;
    this.#numbers.set(name, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  /** By number. */
  list(): string[] {
    return [...this.#numbers.keys()];
  }
}
