/** Which part of a data set an exported item is for. */
import { createHash } from 'node:crypto';
import { SluiceError } from '../../schemas/errors.ts';
import type { StoredDecision } from '../store/types.ts';

export const SPLITS = ['train', 'val', 'test'] as const;
type Split = (typeof SPLITS)[number];

/** Of an item; null where nobody split. */
export type Splits = (decision: Pick<StoredDecision, 'id' | 'cluster' | 'split'>) => Split | null;

/** What the run itself assigned, by --validation-share. */
export const storedSplits: Splits = ({ split }) => (split === null ? null : split === 'validation' ? 'val' : 'train');

/**
 * Shares as `train=0.8,val=0.2`. Whole clusters are assigned, by a hash of the seed and the cluster, so that pictures that look alike are on one side, and
 * an item stays on its side when the data set grows. The shares are therefore met in the mean over clusters.
 * @throws SluiceError SLUICE_E_USAGE
 */
export function parseSplits(text: string, seed: number): Splits {
  const shares = text.split(',').map((part) => {
    const [, name = '', share = ''] = /^\s*(\w+)=(\d*\.?\d+)\s*$/.exec(part) ?? [];
    return { name: SPLITS.find((split) => split === name), share: Number(share) };
  });
  const named = shares.flatMap(({ name, share }) => (name === undefined ? [] : [{ name, share }]));
  const sum = named.reduce((all, { share }) => all + share, 0);
  const names = new Set(named.map(({ name }) => name));
  if (named.length < shares.length || names.size < named.length || Math.abs(sum - 1) > 1e-9 || named.some(({ share }) => share <= 0)) {
    throw new SluiceError('SLUICE_E_USAGE', `--split ${JSON.stringify(text)}: expected shares of ${SPLITS.join(', ')} that add up to 1, such as train=0.8,val=0.2.`);
  }
  return ({ id, cluster, split }) => {
    if (split !== null) throw new SluiceError('SLUICE_E_USAGE', `--split: ${JSON.stringify(id)} has a split of its own, from --validation-share of the run, which does not change; leave --split out.`);
    const draw = createHash('sha256').update(`split ${seed} ${cluster}`).digest().readUInt32BE() / 2 ** 32;
    let reached = 0;
    for (const { name, share } of named) {
      reached += share;
      if (draw < reached) return name;
    }
    return named.at(-1)?.name ?? null;
  };
}
