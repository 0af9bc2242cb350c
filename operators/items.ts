/** What an entry is on its way through the pipeline: each operator adds what it found out. */
import type { Alert, Amend, ObjectFinding, Quality, Reason, UnusedLabel } from '../schemas/decision.ts';
import type { SluiceError } from '../schemas/errors.ts';
import type { Sample } from '../schemas/sample.ts';
import type { DecodedImage, Entry } from './ports.ts';
import type { Lead } from './state/audit.ts';
import type { Glimpse } from './state/camera/glimpse.ts';
import type { Answer } from './state/campaigns.ts';
import type { LabelOutcome, LateLabel } from './state/late-label.ts';
import type { Mark } from './state/gate/gates.ts';
import type { Nearest } from './state/memory.ts';
import type { Joined, Place } from './state/clusters.ts';
import type { ChosenObject, EmbeddedObject } from './state/objects/choose.ts';
import type { Decisive } from './state/objects/together.ts';
import type { Judgement } from './state/policy.ts';
import type { Split } from './state/split.ts';

/** An entry that has failed: it keeps its place in the order and becomes a dead letter. */
export interface Failed {
  readonly seq: number;
  readonly id: string;
  readonly error: SluiceError;
  readonly mark?: Mark | null;
}

/** An entry with its place in the stream. */
interface Arrived {
  readonly seq: number;
  readonly sample: Sample;
  /** Its picture as it came, where that is no file; kept if it is admitted. */
  readonly bytes?: Uint8Array | undefined;
  /** Its embedding, of unit length, where that came with it: then it is not embedded here. */
  readonly given?: Float32Array;
  /** A frame of a camera in small, where it came with it. */
  readonly glimpse?: Glimpse;
  /** What it leaves behind at the gate; left out where it did not come to it. */
  readonly mark?: Mark | null;
}

export type Numbered = Entry & { readonly seq: number; readonly mark?: Mark | null };

/** A frame that shows what its camera showed before: it is neither decoded in full nor embedded, and is decided all the same. */
export interface Unchanged extends Arrived {
  readonly unchanged: Reason;
  /** Of no bytes. */
  readonly digest: '';
  /** As of every item: empty until its turn has come. */
  readonly amends: readonly Amend[];
  readonly alerts: readonly Alert[];
  readonly unused: readonly UnusedLabel[];
}

/** What keeps its place in the order while the operators pass it by. */
export type Aside = Failed | Unchanged;

export interface Decoded extends Arrived {
  readonly image: DecodedImage;
  /** Those whose crops the image holds, in that order; one more crop is of what lies beside them. */
  readonly chosen: readonly ChosenObject[];
}

export interface Inspected extends Decoded {
  /** The first tile at half its side, for its thumbnail: RGB, 0..255, [size / 2, size / 2, 3]. */
  readonly small: Uint8Array<ArrayBuffer>;
  readonly quality: Quality;
}

/** The pixels are gone: from here on an item is its embedding. */
export interface Embedded extends Arrived {
  readonly quality: Quality;
  readonly digest: string;
  readonly small: Uint8Array<ArrayBuffer>;
  /** Unit length. */
  readonly embedding: Float32Array;
  /** Those of its label whose crops were embedded; empty where objects are off. */
  readonly objects: readonly EmbeddedObject[];
  /** Of what lies beside its objects, unit length; left out where no such crop was embedded. */
  readonly background?: Float32Array;
  /** Similarity to the nearest item of a guarded set; left out without one. */
  readonly guarded?: number;
  /** The item of a known set most like it; left out without one. */
  readonly known?: Nearest;
}

export interface Recalled extends Embedded {
  /** The admitted or known item most like it. */
  readonly nearest: Nearest | null;
}

/** What its arrival brought about before it was looked at. */
export interface Received extends Recalled {
  readonly amends: readonly Amend[];
  readonly alerts: readonly Alert[];
  /** Labels that have waited for their items too long. */
  readonly unused: readonly UnusedLabel[];
}

export interface Clustered extends Received {
  readonly place: Place;
  readonly share: number;
  readonly evenShare: number;
}

export interface Audited extends Clustered {
  /** The classes of its label, where the engine is shown them with the sample. */
  readonly shown: readonly string[] | null;
  /** How the head stands to them; null where none are shown, and while it knows nothing. */
  readonly lead: Lead | null;
  readonly suspicion: number | null;
  /** What is said of the objects of its label; empty where none are looked at. */
  readonly findings: readonly ObjectFinding[];
  /** The classes that count where it is admitted; null where none are shown. */
  readonly believed: readonly string[] | null;
  /** How odd it is for its label, in deviations; null where no label was shown. */
  readonly oddity: number | null;
  readonly need: number | null;
  /** Classes of its believed label that no admitted item shows yet; null where no label is shown. */
  readonly missing: readonly string[] | null;
  /** The campaigns that it answers. */
  readonly answers: readonly Answer[];
  /** The object of the shortest class, the first of a class that is missing, and that of the rarest kind; null where objects are not looked at. */
  readonly decisive: { readonly short: number | null; readonly missing: number | null; readonly rarest: Decisive | null; readonly evenShare: number } | null;
  /** How far the embedding is trusted now: what coverage weighs against a random draw. */
  readonly trust: number;
}

export interface Decided extends Audited {
  readonly judgement: Judgement;
  /** The set it is admitted to; null where it is not, or there is only one. */
  readonly split: Split | null;
  readonly joined: Joined;
}

/** A label from outside the stream's own order, or a message that could not be understood as one. */
export type LabelEvent = LateLabel | (Omit<LateLabel, 'classes'> & { readonly error: SluiceError });

/** A person wants nothing of an item to be kept any more. */
export interface ForgetEvent {
  readonly id: string;
  readonly forget: true;
}

/** What became of it. Everything that is told of an item that is to be forgotten goes, whether it is known or not. */
export type LabelResult = LabelOutcome | (Omit<LabelOutcome, 'as'> & ({ readonly as: 'unread' } | { readonly as: 'forgotten'; readonly id: string; readonly known: boolean }));

export function isFailed(item: object): item is Failed {
  return 'error' in item;
}

export function isUnchanged<T extends object>(item: T): item is Extract<T, Unchanged> {
  return 'unchanged' in item;
}

/** Whether the operators look at it: neither failed nor unchanged. */
export function isAlive<T extends object>(item: T | Aside): item is Exclude<T, Aside> {
  return !('error' in item) && !('unchanged' in item);
}
