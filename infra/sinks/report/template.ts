/** Files of page/, and what is filled into them. */
import { readFileSync } from 'node:fs';

export function pageFile(name: string): string {
  return readFileSync(new URL(`page/${name}`, import.meta.url), 'utf8');
}

/** A template in pieces, in order, each `<!--slot:NAME-->` filled. It is split before anything is filled in: text of users that looks like a slot stays text. */
export function* filled(template: string, slots: Readonly<Record<string, Iterable<string>>>): Generator<string> {
  for (const [i, part] of pageFile(template).split(/<!--slot:(\w+)-->/).entries()) {
    if (i % 2 === 0) yield part;
    else yield* slots[part] ?? [];
  }
}
