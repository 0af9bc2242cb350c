/** Labels as one line for people, and counts of the classes. */
import { classesOf, type Label } from '../../../../schemas/sample.ts';
import { count, shortName } from '../words.ts';

/** Classes of one image that are named. */
const MOST_NAMED = 24;

/** "cat", or "person ×3, car" for boxes, the most frequent first, at most 24; null where nothing was said. */
export function labelText(label: Label): string | null {
  if (label === null) return null;
  if (typeof label === 'string') return shortName(label);
  if (label.length === 0) return 'no objects';
  const classes = ranked(label.map((box) => box.class));
  const named = classes.slice(0, MOST_NAMED).map(([name, n]) => (n > 1 ? `${shortName(name)} ×${n}` : shortName(name)));
  return `${named.join(', ')}${classes.length > MOST_NAMED ? ` and ${count(classes.length - MOST_NAMED)} more classes` : ''}`;
}

/** The one class that stands for the image on the map: its label, or the class with the most boxes. */
export function mainClass(label: Label): string | null {
  const name = label === null || typeof label === 'string' ? label : ranked(label.map((box) => box.class))[0]?.[0];
  return name === undefined || name === null ? null : shortName(name);
}

function ranked(names: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

export interface ClassCount {
  readonly name: string;
  readonly seen: number;
  readonly admitted: number;
}

/** How many images with each class came, and how many were kept. */
export class ClassTally {
  readonly #counts = new Map<string, { seen: number; admitted: number }>();
  labelled = 0;

  add(label: Label, admitted: boolean): void {
    const classes = classesOf(label);
    if (classes === null) return;
    this.labelled++;
    for (const name of classes) {
      const entry = this.#counts.get(name) ?? { seen: 0, admitted: 0 };
      entry.seen++;
      if (admitted) entry.admitted++;
      this.#counts.set(name, entry);
    }
  }

  /** Rarest first. Counted by the whole name, told by what the map knows it as. */
  list(): ClassCount[] {
    return [...this.#counts].map(([name, c]) => ({ name: shortName(name), ...c })).sort((a, b) => a.seen - b.seen || (a.name < b.name ? -1 : 1));
  }
}
