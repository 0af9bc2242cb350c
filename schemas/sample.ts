import type { AnnotationFaults } from './annotations.ts';

/** One object in an image: its class and its box [x, y, width, height], in pixels, or in 0..1 of the image where `relative`. */
export interface Box {
  readonly class: string;
  readonly bbox: readonly [x: number, y: number, width: number, height: number];
  readonly relative?: true;
  /** It is around many of its class that nobody told apart: no object of its own. */
  readonly crowd?: true;
}

/** What a detector says is in an image. */
export interface Prediction extends Box {
  /** How sure it is, 0..1. */
  readonly score: number;
}

/** What people said of an image: a class, boxes, or nothing. */
export type Label = string | readonly Box[] | null;

/** One image with its annotations, as a source hands it out. The bytes are read later, by `decode`. */
export interface Sample {
  /** Unique in the stream: the path relative to the root (folder, CSV), or the file name of the COCO JSON. */
  readonly id: string;
  /** Absolute path of the file. */
  readonly uri: string;
  /** Camera or source; `default` where none is given. */
  readonly stream: string;
  /** Event time, milliseconds since 1970-01-01 UTC; null where the source has none. */
  readonly time: number | null;
  /** Without what `faults` counts. */
  readonly label: Label;
  /** What a detector says of it; left out where no predictions were given. Only used where the label is shown. */
  readonly predicted?: readonly Prediction[];
  /** Annotations that could not be used; left out where all could. */
  readonly faults?: readonly AnnotationFaults[];
  /** What the source's format holds beyond `label`, as JSON, so that an export in the same format gives it back whole. */
  readonly origin: string | null;
}

/** The classes an image shows, sorted and without repeats; null where nothing was said of it. */
export function classesOf(label: Label): readonly string[] | null {
  if (label === null) return null;
  if (typeof label === 'string') return [label];
  return [...new Set(label.map((box) => box.class))].sort();
}
