/** Numbers that come one by one, in one array. */
export class Growing<A extends Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer>> {
  readonly #make: new (length: number) => A;
  #array: A;
  length = 0;

  constructor(make: new (length: number) => A) {
    this.#make = make;
    this.#array = new make(1024);
  }

  push(value: number): void {
    if (this.length === this.#array.length) {
      const larger = new this.#make(2 * this.length);
      larger.set(this.#array);
      this.#array = larger;
    }
    this.#array[this.length] = value;
    this.length += 1;
  }

  at(index: number): number {
    return this.#array[index] ?? NaN;
  }

  set(index: number, value: number): void {
    this.#array[index] = value;
  }
}
