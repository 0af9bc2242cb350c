/** What the engines of one pipeline tell each other: values as they now stand, not changes, so that a later one makes up for any that was lost. */

/** One cluster. */
export interface ClusterSketch {
  /** Items that its partition had decided by then: the greater, the newer this is. */
  readonly decided: number;
  readonly centroid: Float32Array;
  /** Decayed to `time`. */
  readonly weight: number;
  /** Milliseconds since 1970; null where the stream has no times: an engine's count of items says nothing to another. */
  readonly time: number | null;
  /** Decayed weight of each class among what was admitted of the cluster. */
  readonly counts: readonly { readonly class: string; readonly weight: number }[];
}

/** Tokens between the one who tells this and another partition, since the beginning. */
export interface Transfer {
  readonly partition: number;
  /** Whole tokens given to it. */
  readonly given: number;
  /** Of those it gave, what has arrived. */
  readonly taken: number;
}

/** Of what the effective dimension of the embeddings of all partitions follows. */
export interface VarietySketch {
  /** Items it is of: the greater, the newer this is. */
  readonly seen: number;
  /** Of their embeddings. */
  readonly mean: Float32Array;
  /** The newest of them. */
  readonly item: Float32Array;
  /** Mean squared inner product of its items with those of all partitions, less the mean of all; 0 while too few are known. */
  readonly square: number;
}

/** How a partition stands as a whole. */
export interface Standing {
  readonly time: number | null;
  /** Items decided since the beginning: the greater, the newer this is. */
  readonly decided: number;
  /** Decayed arrivals per second of event time; 0 where the stream has no times. */
  readonly rate: number;
  /** Share of the recent items that is eligible. */
  readonly eligible: number;
  /** Of the merits of recent eligible items, which are scores that partitions can be compared by, evenly spaced from the least to the greatest; empty while too few are known. */
  readonly quantiles: Float32Array;
  readonly transfers: readonly Transfer[];
  /** Null while there is no item, or it has hardly changed since it was told last. */
  readonly variety: VarietySketch | null;
}

/** `sketch` null: the cluster is gone. */
export type Told = { readonly partition: number } & ({ readonly cluster: number; readonly sketch: ClusterSketch | null } | { readonly standing: Standing });
