/** What the objects of an image make of it. */
import type { BoxFault, ObjectFinding } from '../../../schemas/decision.ts';

/** An object that decides something, and by how much. */
export interface Decisive {
  /** Its place among the boxes of the label. */
  readonly index: number;
  readonly value: number;
}

export interface Together {
  /** That of the most suspicious object; null where no crop was looked at. */
  readonly suspicion: number | null;
  /** Objects that count: those whose class is believed, and that are no faulty boxes. */
  readonly believed: readonly ObjectFinding[];
  /** The one with the rarest kind of crop among those that count, with its cluster's share. */
  readonly rarest: Decisive | null;
}

/** Faults of boxes that show no object, or one that counts already. An unusual shape does show one. */
const NO_OBJECT: ReadonlySet<BoxFault> = new Set(['outside', 'duplicate', 'background', 'overlooked']);

/** A wrong class must not make an image rare: with 25 % of wrong labels the rarest classes have more wrong ones than right ones. @param review suspicion from which a class is not believed */
export function together(objects: readonly ObjectFinding[], review: number): Together {
  const looked = objects.flatMap(({ suspicion }) => suspicion ?? []);
  const believed = objects.filter(({ suspicion, faults }) => (suspicion ?? 0) < review && !faults.some((fault) => NO_OBJECT.has(fault)));
  let rarest: Decisive | null = null;
  for (const { index, share } of believed) if (index !== null && share !== null && share < (rarest?.value ?? Infinity)) rarest = { index, value: share };
  return { suspicion: looked.length === 0 ? null : Math.max(...looked), believed, rarest };
}

/** The classes of objects, sorted and without repeats. */
export function classesIn(objects: readonly ObjectFinding[]): readonly string[] {
  return [...new Set(objects.map((object) => object.class))].sort();
}
