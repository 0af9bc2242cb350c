import type { Fit, Source } from '../../operators/ports.ts';
import type { AnnotationFaults } from '../../schemas/annotations.ts';

export interface SourceOptions {
  /** The name of a format (`KINDS`), where looking does not tell it. */
  readonly format?: string | undefined;
  /** What the paths of a CSV manifest or COCO JSON are relative to; by default the folder of that file. */
  readonly root?: string | undefined;
  /** Overrides the fit that suits the kind of source. */
  readonly fit?: Fit | undefined;
  /** `--labels`: a CSV `path,label`, paths equal to the ids. */
  readonly labels?: string | undefined;
  /** `--predictions`: COCO results of a COCO JSON's images, a list of {image_id, category_id, bbox, score}. */
  readonly predictions?: string | undefined;
  /** Of a video, so many frames a second; by default every frame. */
  readonly fps?: number | undefined;
  /** Whether the frames of a video come with glimpses, and without pictures where those are plainly the same. */
  readonly glimpses?: boolean | undefined;
}

/** A source that is ready to hand out, checked as far as its own files go. */
export interface OpenedSource extends Source {
  /** Whether its items may have times. */
  readonly timed: boolean;
  /** What was passed over without being an error, in sentences for people. Complete once `next` has given the empty list. */
  warnings(): readonly string[];
  /** Annotations that belong to none of its entries. */
  readonly faults: readonly AnnotationFaults[];
}

/** Suits photographs in files; a video has another (an object that enters does so at the edge). */
export const FILE_FIT: Fit = 'crop';
