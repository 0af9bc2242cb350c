/**
 * The records of Sluice's topics as TypeScript sees them: one for each subject in schemas/avro, in its newest version. A union of records is an object
 * with the full name of the record as its one key, which is how Avro tells the branches apart.
 */
import type { Alert, DeadLetter, Decision, ObjectFinding, Reason } from './decision.ts';

interface InlineImage {
  /** The image file itself. */
  readonly bytes: Buffer;
}

/** Where the image file lies. */
interface ImageReference {
  readonly uri: string;
  /** Of the file, hex; null where nobody said. */
  readonly sha256: string | null;
}

export interface SampleRecord {
  readonly id: string;
  readonly stream: string;
  /** Event time, milliseconds since 1970-01-01 UTC. */
  readonly time: number | null;
  /** Null where the embedding stands for it. */
  readonly image: { readonly 'sluice.InlineImage': InlineImage } | { readonly 'sluice.ImageReference': ImageReference } | null;
  /** JSON of `Sample.label`; see records-label.ts. */
  readonly label: string | null;
  /** JSON of `Sample.predicted`; null where there are none to hold the label against. */
  readonly predictions: string | null;
  /** Little-endian float32, unit length; see records-vector.ts. */
  readonly embedding: Buffer | null;
  readonly origin: string | null;
}

/** A label that comes after its sample. */
export interface LabelRecord {
  readonly id: string;
  readonly stream: string;
  /** JSON of `Sample.label`. */
  readonly label: string;
  /** When it was given, milliseconds since 1970-01-01 UTC. */
  readonly time: number | null;
  /** Nothing of the sample is to be kept any more; the label says nothing then. */
  readonly forget: boolean;
}

/** A decision without what its event already says; see records-decision.ts. */
interface DecidedRecord extends Omit<Decision, 'id' | 'stream' | 'seq' | 'label' | 'embedding' | 'split' | 'reasons' | 'objects'> {
  readonly reasons: readonly (Omit<Reason, 'object'> & { readonly object: number | null })[];
  readonly objects: readonly ObjectFindingRecord[];
  /** JSON of `Sample.label`. */
  readonly label: string | null;
  readonly embedding: Buffer;
  readonly split: string | null;
}

interface AmendRecord {
  readonly suspicion: number;
  readonly review: boolean;
}

/** Its box is a list of four, and its faults are any texts. */
export interface ObjectFindingRecord extends Omit<ObjectFinding, 'bbox' | 'faults'> {
  readonly bbox: readonly number[];
  readonly faults: readonly string[];
}

export interface DecisionRecord {
  readonly id: string;
  readonly stream: string;
  /** Of the input topic; `seq` counts in it. */
  readonly partition: number;
  readonly seq: number;
  readonly event: { readonly 'sluice.Decision': DecidedRecord } | { readonly 'sluice.Amend': AmendRecord };
}

/** See records-alert.ts. */
export interface AlertRecord extends Omit<Alert, 'firstSeen' | 'nearestKnown'> {
  /** Of the input topic; `seq` counts in it. */
  readonly partition: number;
  readonly first_seen: Alert['firstSeen'];
  readonly nearest_known: Alert['nearestKnown'];
}

/** One cluster as its worker sees it. */
interface ClusterSketchRecord {
  /** Unique in the partition. */
  readonly cluster: number;
  /** Items that the partition had decided by then. */
  readonly decided: number;
  /** Little-endian float32. */
  readonly centroid: Buffer;
  /** Decayed to `time`. */
  readonly weight: number;
  /** Milliseconds since 1970-01-01 UTC; null where the stream has no times. */
  readonly time: number | null;
  /** Decayed weight of each class among what was admitted of the cluster. A list: a class may have any name, `__proto__` too. */
  readonly counts: readonly { readonly class: string; readonly weight: number }[];
}

/** How widely the embeddings of a partition vary. */
interface VarietyRecord {
  readonly seen: number;
  /** Little-endian float32, as is `item`. */
  readonly mean: Buffer;
  readonly item: Buffer;
  readonly square: number;
}

/** How a partition stands as a whole. */
export interface StandingRecord {
  readonly time: number | null;
  readonly decided: number;
  readonly rate: number;
  readonly eligible: number;
  /** Little-endian float32. */
  readonly quantiles: Buffer;
  readonly transfers: readonly { readonly partition: number; readonly given: number; readonly taken: number }[];
  readonly variety: VarietyRecord | null;
}

/** What one worker tells the others; see records-cluster.ts. */
export interface ClusterRecord {
  readonly partition: number;
  readonly event: { readonly 'sluice.ClusterSketch': ClusterSketchRecord } | { readonly 'sluice.Standing': StandingRecord };
}

export interface ChangelogRecord {
  readonly kind: string;
  readonly key: string;
  /** Null for what is gone. */
  readonly value: Buffer | null;
  /** Of the item after which it stands. */
  readonly seq: number;
}

interface DeadLetterRecord extends DeadLetter {
  readonly stream: string;
  /** Of the input topic; `seq` counts in it. */
  readonly partition: number;
}

/** The record of each subject. */
export interface Records {
  readonly sample: SampleRecord;
  readonly label: LabelRecord;
  readonly decision: DecisionRecord;
  readonly alert: AlertRecord;
  readonly cluster: ClusterRecord;
  readonly changelog: ChangelogRecord;
  readonly 'dead-letter': DeadLetterRecord;
}

export type Subject = keyof Records;

export const SUBJECTS = ['sample', 'label', 'decision', 'alert', 'cluster', 'changelog', 'dead-letter'] as const satisfies readonly Subject[];
