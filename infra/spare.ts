/**
 * Memory that is used over and over: the pages of a fresh array cost more to get, and to collect, than filling it takes.
 * Holds what has been given back, never more than was in use at once.
 */
export class Spare {
  readonly #arrays: Uint8Array<ArrayBuffer>[] = [];

  /** @returns an array of at least `bytes`, with anything in it */
  take(bytes: number): Uint8Array<ArrayBuffer> {
    const spare = this.#arrays.pop();
    return spare !== undefined && spare.length >= bytes ? spare : new Uint8Array(bytes);
  }

  /** @param array from `take`; its owner uses it no more */
  give(array: Uint8Array<ArrayBuffer>): void {
    this.#arrays.push(array);
  }
}
