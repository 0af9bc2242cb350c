import type { Label } from './sample.ts';

export type Verdict = 'admit' | 'reject';

/**
 * One ground of a verdict: a code, the value measured and the threshold it was held against.
 * operators/state/policy.ts says for each code how the two compare.
 */
export interface Reason {
  readonly code: string;
  readonly value: number;
  readonly threshold: number;
  /** Place among the boxes of the label of the object that the value is of; left out where it is of the image. */
  readonly object?: number;
}

/** What `inspect` measures, on the picture as the model sees it. */
export interface Quality {
  /** Mean luma, 0 (black) .. 1 (white). */
  readonly brightness: number;
  /** Standard deviation of luma, 0 .. 0.5. */
  readonly contrast: number;
  /** Variance of the Laplacian of luma (0..255 scale) at the model's resolution; low = blurred. */
  readonly sharpness: number;
  /** Width and height of the original picture in pixels, after EXIF rotation. */
  readonly width: number;
  readonly height: number;
}

/**
 * What is wrong with a box by itself or beside the others of its image, whatever its class; `background`: nothing is in it. By the predictions of a detector,
 * where they came with the sample: `mislocated`, and `overlooked` for an object that has no box.
 */
export type BoxFault = 'outside' | 'duplicate' | 'implausible' | 'background' | 'mislocated' | 'overlooked';

/** What was found out about one object of a label, or about one that the label does not have. */
export interface ObjectFinding {
  /** Its place among the boxes of the label; null where it has none, being overlooked: then class and box are those predicted. */
  readonly index: number | null;
  readonly class: string;
  /** [x, y, width, height] in pixels, as the label has it. */
  readonly bbox: readonly [x: number, y: number, width: number, height: number];
  /** Stable id of the micro-cluster of objects; null where its crop was not embedded, as are the next three. */
  readonly cluster: number | null;
  /** Decayed share of the cluster among objects, 0..1. */
  readonly share: number | null;
  /** Likelihood-like score 0..1 that its class is wrong, before it was learned; with predictions also that its place is, or that it was overlooked. */
  readonly suspicion: number | null;
  /** The class that the crops seen so far and the others of its image suggest, or a detector does. */
  readonly suggested: string | null;
  readonly faults: readonly BoxFault[];
}

/** What takes the place of the label of a decided item; what was there before stays on record. */
export interface Correction {
  readonly seq: number;
  readonly label: Exclude<Label, null>;
  /** As in Sample. */
  readonly origin: string | null;
  /** Of its objects, as far as they are those that were looked at. */
  readonly objects: readonly ObjectFinding[];
}

/** A verdict that somebody turned round. */
export interface Turned {
  readonly seq: number;
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
  readonly split: 'train' | 'validation' | null;
  /** Where its picture lies now. */
  readonly uri: string;
}

/** The verdict on one sample with everything that led to it. */
export interface Decision {
  readonly seq: number;
  readonly id: string;
  readonly uri: string;
  readonly stream: string;
  readonly time: number | null;
  readonly verdict: Verdict;
  readonly review: boolean;
  /** The decisive reason first. */
  readonly reasons: readonly Reason[];
  /** Null where it was rejected unseen, as an unchanged frame is; so are novelty, cluster, share and quality then. */
  readonly score: number | null;
  /** 1 - similarity to the nearest admitted item, 0..2; 1 where nothing is admitted yet. */
  readonly novelty: number | null;
  /** Stable id of the micro-cluster. */
  readonly cluster: number | null;
  /** Decayed share of the cluster at the time of the verdict, 0..1. */
  readonly share: number | null;
  readonly nearest: { readonly id: string; readonly similarity: number } | null;
  readonly label: Label;
  /** Likelihood-like score 0..1 that the label is wrong, given before it was learned; null where no label was shown. */
  readonly suspicion: number | null;
  readonly quality: Quality | null;
  readonly split: 'train' | 'validation' | null;
  /** In the order of the label, what was overlooked after them; empty where objects are not looked at. */
  readonly objects: readonly ObjectFinding[];
  /** SHA-256 of the file, hex; empty where it was rejected unseen. */
  readonly digest: string;
  /** Unit length, float32[d]; of no numbers where it was rejected unseen. */
  readonly embedding: Float32Array;
  readonly origin: string | null;
}

/** An input that could not be decided, with its cause. */
export interface DeadLetter {
  readonly seq: number;
  readonly id: string;
  readonly code: string;
  readonly cause: string;
}

/** A suspicion that came after the verdict: because the label was shown later, or because it was looked at again. */
export interface Amend {
  readonly seq: number;
  readonly suspicion: number;
  readonly review: boolean;
}

/** A label that came from outside the stream's own order and could not be used. */
export interface UnusedLabel {
  /** Of the item it was for, or where it came from where that could not be understood. */
  readonly id: string;
  /** The message as it came. */
  readonly letter: Uint8Array;
  readonly code: string;
  readonly cause: string;
}

export interface Alert {
  /** The same whenever it is raised again, so that whoever gets it twice can tell. */
  readonly id: string;
  /** `novel`, `growth` or `health.<what>`. */
  readonly kind: string;
  readonly cluster: number | null;
  readonly time: number | null;
  /** Of the item that raised it. */
  readonly seq: number;
  /** Decayed weight of the cluster when it was raised. */
  readonly support: number;
  /** Ids of members, the most central first. */
  readonly exemplars: readonly string[];
  /** Of all the members it was raised by, sorted. */
  readonly streams: readonly string[];
  /** The item that began it; null where it was raised by a version that did not keep that. */
  readonly firstSeen: { readonly seq: number; readonly time: number | null } | null;
  /** How many times as often its cluster comes as it used to; null where that is not what it is about. */
  readonly growth: number | null;
  /** The known cluster whose centroid is most like that of its own, and how far: 1 - cosine similarity, 0..2. */
  readonly nearestKnown: { readonly cluster: number; readonly distance: number } | null;
}

/** One record of the engine's changelog: the value as it now stands, or null for what is gone. */
export interface Change {
  readonly kind: string;
  readonly key: number;
  readonly value: Uint8Array | null;
}
