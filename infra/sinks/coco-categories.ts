import { type Id, Ids } from './coco-ids.ts';
import { type CocoHeader, idOf, spelled, spelledList, type Spelled } from './coco-parts.ts';

/**
 * The categories of all sources in one list. Each keeps its id and all its fields as they were spelled; only where two sources mean different classes by
 * one id does the later get another.
 */
export class Categories {
  readonly #texts: string[] = [];
  readonly #byId = new Map<Id, unknown>();
  readonly #byName = new Map<unknown, Id>();
  /** By source, for the ids that had to change. */
  readonly #moved = new Map<string, Map<Id, Id>>();
  readonly #ids: Ids;

  constructor(headers: readonly { readonly source: string; readonly header: CocoHeader }[]) {
    const lists = headers.map(({ source, header }) => ({ source, categories: spelledList(header, 'categories') }));
    this.#ids = new Ids(new Set(lists.flatMap(({ categories }) => categories.flatMap(({ fields }) => idOf(fields) ?? []))));
    for (const { source, categories } of lists) for (const category of categories) this.#merge(source, category);
  }

  /** JSON each. */
  get texts(): readonly string[] {
    return this.#texts;
  }

  /** The id here of what `source` calls `id`. */
  idFor(source: string, id: Id): Id {
    return this.#moved.get(source)?.get(id) ?? id;
  }

  /** The id of a class that comes as a name alone; a new category where there is none of that name. */
  named(name: string): Id {
    return this.#byName.get(name) ?? this.#add({ text: JSON.stringify({ name }), fields: { name } });
  }

  #merge(source: string, category: Spelled): void {
    const id = idOf(category.fields);
    const name = category.fields['name'];
    if (id !== undefined && this.#byId.has(id)) {
      if (this.#byId.get(id) === name) return;
      const moved = this.#moved.get(source) ?? new Map<Id, Id>();
      this.#moved.set(source, moved.set(id, this.#byName.get(name) ?? this.#add(category)));
    } else {
      this.#add(category);
    }
  }

  #add({ text, fields }: Spelled): Id {
    const id = this.#ids.take(idOf(fields));
    const name = fields['name'];
    this.#texts.push(spelled(text, fields, { id }));
    this.#byId.set(id, name);
    if (!this.#byName.has(name)) this.#byName.set(name, id);
    return id;
  }
}
