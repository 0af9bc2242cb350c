/** The objects of a set, and its labels with changes to some of them. */
import type { Box } from '../../schemas/sample.ts';
import { drawOf, type ObjectPlace, someOf, swapped } from './corrupt.ts';
import type { EmbeddedScenes } from './embedded-scenes.ts';

/** All that are looked at, in the order of the crops. */
export function objectsOf(set: EmbeddedScenes): readonly ObjectPlace[] {
  return set.samples.flatMap((_, sample) => [...set.places.subarray(set.starts[sample], set.starts[sample + 1])].map((index) => ({ sample, index })));
}

export function keyOf({ sample, index }: ObjectPlace): string {
  return `${sample} ${index}`;
}

export function boxAt(set: EmbeddedScenes, { sample, index }: ObjectPlace): Box {
  const box = set.samples[sample]?.label[index];
  if (box === undefined) throw new Error(`sample ${sample} has no box ${index}`);
  return box;
}

/** The labels of the samples of some objects, with a change to each of these. */
export function withChanged(set: EmbeddedScenes, some: readonly ObjectPlace[], change: (box: Box, place: ObjectPlace) => Box): ReadonlyMap<number, readonly Box[]> {
  const labels = new Map<number, Box[]>();
  for (const place of some) {
    const boxes = labels.get(place.sample) ?? [...(set.samples[place.sample]?.label ?? [])];
    boxes[place.index] = change(boxAt(set, place), place);
    labels.set(place.sample, boxes);
  }
  return labels;
}

/** A share of the objects gets another class, any of those that objects have alike. */
export function withSwapped(set: EmbeddedScenes, share: number, seed: number): { readonly labels: ReadonlyMap<number, readonly Box[]>; readonly wrong: readonly ObjectPlace[] } {
  const objects = objectsOf(set);
  const classes = [...new Set(objects.map((place) => boxAt(set, place).class))].sort();
  const wrong = someOf(objects, share, seed);
  return { wrong, labels: withChanged(set, wrong, (box, place) => ({ ...box, class: swapped(box.class, classes, drawOf(seed, place)) })) };
}
