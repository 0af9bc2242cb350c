import { DEFAULT_LIMITS } from './limits.ts';

interface Waiting {
  readonly cost: number;
  readonly go: () => void;
}

/** Lets work in, first come first served, while the costs of what is under way stay within `capacity`. What costs more than that runs alone. */
export class Gate {
  readonly #capacity: number;
  readonly #queue: Waiting[] = [];
  #used = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** @param cost more than 0 */
  async run<T>(cost: number, work: () => Promise<T>): Promise<T> {
    const taken = Math.min(cost, this.#capacity);
    await this.#enter(taken);
    try {
      return await work();
    } finally {
      this.#used -= taken;
      this.#admit();
    }
  }

  /** While `work` runs nothing else does. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.run(this.#capacity, work);
  }

  #enter(cost: number): Promise<void> {
    return new Promise((resolve) => {
      this.#queue.push({ cost, go: resolve });
      this.#admit();
    });
  }

  #admit(): void {
    for (let next = this.#queue[0]; next !== undefined && this.#used + next.cost <= this.#capacity; next = this.#queue[0]) {
      this.#queue.shift();
      this.#used += next.cost;
      next.go();
    }
  }
}

/** All that libvips does in this process goes through here, by the bytes it needs: memory is bounded, and its complaints can be told apart. */
export const libvips = new Gate(DEFAULT_LIMITS.memory);
