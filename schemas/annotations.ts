/** Annotations one by one: what of them an image is decided with, and what is wrong with the others. A bad one costs its image nothing but itself. */
import type { ErrorCode } from './errors.ts';
import type { Box } from './sample.ts';

/** Boxes of one image that the engine is shown, at most; the first ones of the source. */
const MOST_BOXES = 1000;
/** Characters of the name of a class, at most: each box carries it, so that a name of a megabyte would be held a thousand times for one image. */
const LONGEST_CLASS = 1000;
/** Causes kept of one kind of fault in one image; the others are counted. */
const MOST_CAUSES = 10;

type AnnotationCode = Extract<ErrorCode, `SLUICE_E_ANNOTATION_${string}`>;

/** What is wrong with one annotation. */
export interface AnnotationFault {
  readonly code: AnnotationCode;
  /** With its place, in a sentence for people. */
  readonly cause: string;
}

/** The faults of one kind among the annotations of an image, or among those of a source that belong to no image of it. */
export interface AnnotationFaults {
  readonly code: string;
  readonly count: number;
  /** Of the first ten. */
  readonly causes: readonly string[];
}

/** Those of one item. */
export interface ItemFaults extends AnnotationFaults {
  readonly seq: number;
}

/** One annotation as its source understands it. */
export interface Checked<B extends Box = Box> {
  /** Its place in the source, such as `annotations[17]`. */
  readonly where: string;
  readonly found: B | AnnotationFault;
}

export interface Usable<B extends Box = Box> {
  /** The good boxes in their order; null where there are none but bad ones: nobody said then that the image is empty. */
  readonly label: readonly B[] | null;
  /** In the order in which each kind was met. */
  readonly faults: readonly AnnotationFaults[];
}

/** Parts the annotations of one image into boxes to decide with and faults; in linear time, and what is kept of faults is bounded. */
export function usable<B extends Box>(annotations: Iterable<Checked<B>>): Usable<B> {
  const boxes: B[] = [];
  const faults = new FaultCounts();
  for (const { where, found } of annotations) {
    if ('code' in found) faults.add(found);
    else if (found.class.length > LONGEST_CLASS) faults.add({ code: 'SLUICE_E_ANNOTATION_CATEGORY', cause: `${where}: the name of its class has ${found.class.length} characters, ${LONGEST_CLASS} are the most.` });
    else if (boxes.length < MOST_BOXES) boxes.push(found);
    else faults.add({ code: 'SLUICE_E_ANNOTATION_TOO_MANY', cause: `${where}: ${MOST_BOXES} boxes of the image came before it.` });
  }
  const counts = faults.list();
  return { label: boxes.length === 0 && counts.length > 0 ? null : boxes, faults: counts };
}

/** Counts faults by code and keeps the causes of the first. */
export class FaultCounts {
  readonly #counts = new Map<string, { code: string; count: number; causes: string[] }>();

  add({ code, cause }: AnnotationFault): void {
    const known = this.#counts.get(code) ?? { code, count: 0, causes: [] };
    known.count += 1;
    if (known.causes.length < MOST_CAUSES) known.causes.push(cause);
    this.#counts.set(code, known);
  }

  list(): readonly AnnotationFaults[] {
    return [...this.#counts.values()];
  }
}

/** Whether nothing of a box lies in a picture. One that sticks out is none of these: annotators draw over the edge by a pixel or two. */
export function isOutside([x, y, w, h]: Box['bbox'], width: number, height: number): boolean {
  return isBeyond(x, w, width) || isBeyond(y, h, height);
}

/** A side without length may lie on the edge. */
function isBeyond(at: number, side: number, whole: number): boolean {
  return side > 0 ? at >= whole || at + side <= 0 : at > whole || at < 0;
}
