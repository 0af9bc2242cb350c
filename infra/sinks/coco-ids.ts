/** Ids of COCO are whole numbers or texts. */
export type Id = number | string;

/** Above this, one more might be no exact number. */
const LARGEST_START = 2 ** 52;

/**
 * Hands out ids: whoever comes first with an id keeps it; who has none, or one that is taken, gets a new one that nobody has.
 * The same calls in the same order give the same ids, so that several passes over the items agree.
 */
export class Ids {
  readonly #known: ReadonlySet<Id>;
  readonly #taken = new Set<Id>();
  #next: number;

  /** @param known every id that any item came with */
  constructor(known: ReadonlySet<Id>) {
    this.#known = known;
    let greatest = 0;
    for (const id of known) if (typeof id === 'number' && id > greatest) greatest = id;
    this.#next = greatest < LARGEST_START ? greatest + 1 : 1;
  }

  take(wanted: Id | undefined): Id {
    const id = wanted === undefined || this.#taken.has(wanted) ? this.#fresh() : wanted;
    this.#taken.add(id);
    return id;
  }

  #fresh(): number {
    while (this.#known.has(this.#next)) this.#next += 1;
    return this.#next++;
  }
}
