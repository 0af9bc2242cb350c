import { type Id, Ids } from './coco-ids.ts';
import { type Fields, idOf, listOf } from './coco-parts.ts';

/**
 * The categories of all sources in one list. Each keeps its id and all its fields; only where two sources mean different classes by
 * one id does the later get another.
 */
export class Categories {
  readonly #list: Fields[] = [];
  readonly #byId = new Map<Id, unknown>();
  readonly #byName = new Map<unknown, Id>();
  /** By source, for the ids that had to change. */
  readonly #moved = new Map<string, Map<Id, Id>>();
  readonly #ids: Ids;

  constructor(headers: readonly { readonly source: string; readonly fields: Fields }[]) {
    this.#ids = new Ids(new Set(headers.flatMap(({ fields }) => listOf(fields, 'categories').flatMap((category) => idOf(category) ?? []))));
    for (const { source, fields } of headers) for (const category of listOf(fields, 'categories')) this.#merge(source, category);
  }

  get list(): readonly Fields[] {
    return this.#list;
  }

  /** The id here of what `source` calls `id`. */
  idFor(source: string, id: Id): Id {
    return this.#moved.get(source)?.get(id) ?? id;
  }

  /** The id of a class that comes as a name alone; a new category where there is none of that name. */
  named(name: string): Id {
    return this.#byName.get(name) ?? this.#add({ id: undefined, name });
  }

  #merge(source: string, category: Fields): void {
    const id = idOf(category);
    const name = category['name'];
    if (id !== undefined && this.#byId.has(id)) {
      if (this.#byId.get(id) === name) return;
      const moved = this.#moved.get(source) ?? new Map<Id, Id>();
      this.#moved.set(source, moved.set(id, this.#byName.get(name) ?? this.#add(category)));
    } else {
      this.#add(category);
    }
  }

  #add(category: Fields): Id {
    const id = this.#ids.take(idOf(category));
    this.#list.push({ ...category, id });
    this.#byId.set(id, category['name']);
    if (!this.#byName.has(category['name'])) this.#byName.set(category['name'], id);
    return id;
  }
}
