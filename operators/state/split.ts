/** Which set an admitted item is for. */
import { uniform } from './hash.ts';

export type Split = 'train' | 'validation';

export interface SplitSettings {
  readonly purpose: Split;
  /** Part of the clusters of a train run whose items are for validation, 0..1; left out: none. */
  readonly validationShare?: number;
  readonly seed: number;
}

/** Whether there is anything to tell: a train run without a share for validation is one set. */
export function hasSplits({ purpose, validationShare = 0 }: SplitSettings): boolean {
  return purpose === 'validation' || validationShare > 0;
}

/** Whole clusters go to one side: what looks alike is not torn apart. The id of a cluster is the one it was founded with, so its side never changes. */
export function splitOf({ purpose, validationShare = 0, seed }: SplitSettings, cluster: number): Split {
  return purpose === 'validation' || uniform(seed, `validation ${cluster}`) < validationShare ? 'validation' : 'train';
}
