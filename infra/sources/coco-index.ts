/** Where the images and annotations of a COCO JSON lie in their file, and which annotation is of which image. Numbers alone, however the file is ordered. */
import { type Id, idOf, isFields } from './coco-values.ts';
import { Growing } from './growing.ts';

type List = 'images' | 'annotations';
/** For what names no image. */
const NONE = 2 ** 32 - 1;

class Places {
  readonly at = new Growing(Float64Array);
  readonly bytes = new Growing(Uint32Array);
}

export class CocoIndex {
  readonly #places: Record<List, Places | null> = { images: null, annotations: null };
  /** A number for each id that an image has or an annotation names. */
  readonly #slots = new Map<Id, number>();
  /** Of a slot, its image. */
  #imageOf = new Growing(Uint32Array);
  /** Of an annotation, the slot it names. */
  #slotOf = new Growing(Uint32Array);
  #repeated: { count: number; readonly first: { readonly at: number; readonly id: Id }[] } = { count: 0, first: [] };

  /** A list that comes a second time takes the place of the first. */
  begin(list: List): void {
    this.#places[list] = new Places();
    if (list === 'annotations') this.#slotOf = new Growing(Uint32Array);
    else {
      this.#repeated = { count: 0, first: [] };
      for (let slot = 0; slot < this.#imageOf.length; slot++) this.#imageOf.set(slot, NONE);
    }
  }

  /** @param at where it begins in the file, with its length in bytes */
  add(list: List, at: number, bytes: number, value: unknown): void {
    const places = this.#places[list];
    if (places === null) return;
    places.at.push(at);
    places.bytes.push(bytes);
    const id = isFields(value) ? idOf(value[list === 'images' ? 'id' : 'image_id']) : null;
    if (list === 'annotations') this.#slotOf.push(id === null ? NONE : this.#slot(id));
    else if (id !== null) this.#name(id, places.at.length - 1);
  }

  #name(id: Id, image: number): void {
    const slot = this.#slot(id);
    if (this.#imageOf.at(slot) === NONE) return this.#imageOf.set(slot, image);
    this.#repeated.count += 1;
    this.#repeated.first.push({ at: image, id });
    this.#repeated.first.length = Math.min(this.#repeated.first.length, 100);
  }

  #slot(id: Id): number {
    const known = this.#slots.get(id);
    if (known !== undefined) return known;
    const slot = this.#slots.size;
    this.#slots.set(id, slot);
    this.#imageOf.push(NONE);
    return slot;
  }

  get counts(): Readonly<Record<List, number>> {
    return { images: this.#places.images?.at.length ?? 0, annotations: this.#places.annotations?.at.length ?? 0 };
  }

  /** Whether the file has the list; with an id, whether an image has it. */
  has(list: List, id?: Id): boolean {
    if (id === undefined) return this.#places[list] !== null;
    const slot = this.#slots.get(id);
    return slot !== undefined && this.#imageOf.at(slot) !== NONE;
  }

  /** Images whose id another has: how many, and the first of them. */
  repeated(most: number): { readonly count: number; readonly first: readonly { readonly at: number; readonly id: Id }[] } {
    return { count: this.#repeated.count, first: this.#repeated.first.slice(0, most) };
  }

  place(list: List, index: number): readonly [at: number, bytes: number] {
    const places = this.#places[list];
    return [places?.at.at(index) ?? NaN, places?.bytes.at(index) ?? NaN];
  }

  /** Annotations whose image the file does not have, in its order. */
  *strays(): Generator<number> {
    for (let i = 0; i < this.#slotOf.length; i++) {
      const slot = this.#slotOf.at(i);
      if (slot === NONE || this.#imageOf.at(slot) === NONE) yield i;
    }
  }

  /** Once all is added. @returns the annotations of an image by its id, in the order of the file */
  group(): (id: Id) => readonly number[] {
    const ends = new Uint32Array(this.#slots.size + 1);
    for (let i = 0; i < this.#slotOf.length; i++) if (this.#slotOf.at(i) !== NONE) ends[this.#slotOf.at(i) + 1] = (ends[this.#slotOf.at(i) + 1] as number) + 1;
    for (let slot = 1; slot < ends.length; slot++) ends[slot] = (ends[slot] as number) + (ends[slot - 1] as number);
    const next = ends.slice();
    const order = new Uint32Array(ends.at(-1) as number);
    for (let i = 0; i < this.#slotOf.length; i++) {
      const slot = this.#slotOf.at(i);
      if (slot === NONE) continue;
      order[next[slot] as number] = i;
      next[slot] = (next[slot] as number) + 1;
    }
    return (id) => {
      const slot = this.#slots.get(id);
      return slot === undefined ? [] : [...order.subarray(ends[slot], ends[slot + 1])];
    };
  }
}
