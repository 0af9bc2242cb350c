/** The policy file: one spec gives its type, defaults, documentation and lint. */
import { z } from 'zod';
import type { Policy } from '../../operators/state/policy.ts';

const number = (fallback: number, min: number, max: number, describe: string) => z.number().min(min).max(max).default(fallback).describe(describe);
const whole = (fallback: number, min: number, describe: string) => z.int().min(min).default(fallback).describe(describe);
const group = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape).prefault({} as never);

const name = (describe: string) => z.string().min(1).optional().describe(describe);

const target = z
  .strictObject({
    class: name('The class it is for; or `stream`.'),
    stream: name('The stream it is for; or `class`.'),
    count: z.int().min(1).optional().describe('Items to admit, at least; or `share`.'),
    share: z.number().gt(0).max(1).optional().describe('Part of the admitted items, at least; of a class: of those whose label is known and not in doubt.'),
  })
  .superRefine(({ class: one, stream, count, share }, context) => {
    if ((one === undefined) === (stream === undefined)) context.addIssue({ code: 'custom', message: 'give either class or stream' });
    if ((count === undefined) === (share === undefined)) context.addIssue({ code: 'custom', message: 'give either count or share' });
  });

/** Each class and stream has one target, and each admitted item is of one stream. */
const targets = z.array(target).max(100).superRefine((list, context) => {
  const named = list.map(({ class: one, stream }) => (one === undefined ? `stream ${stream}` : `class ${one}`));
  let shares = 0;
  for (const [i, { stream, share }] of list.entries()) {
    if (named.indexOf(named[i] ?? '') < i) context.addIssue({ code: 'custom', path: [i], message: 'there is a target for it already' });
    if (stream === undefined || share === undefined) continue;
    shares += share;
    if (shares > 1 + 1e-9) context.addIssue({ code: 'custom', path: [i, 'share'], message: 'the shares of the streams are more than 1 together' });
  }
});

export const PolicySpec = z.strictObject({
  weights: group({
    novelty: number(1, 0, 100, 'Weight of the log of novelty (1 - similarity to the nearest admitted item).'),
    share: number(0.3, 0, 100, "Weight of the log of the cluster's decayed share: more favours rare clusters. Not counted where a label that is believed comes with the image: class need says better then what is rare."),
    need: number(1, 0, 100, 'Weight of the log of class need: more favours classes that few admitted items show.'),
    cover: number(8, 0, 100, 'Weight of the log of 1 + the classes it shows, by a label that is believed, which no admitted image shows yet. With 0 they are not looked at, and no place waits for an image that shows more of them.'),
    suspicion: number(2, 0, 100, 'By how much a label that is surely wrong lowers the score.'),
    oddity: number(0.3, 0, 100, 'By how much an image that is odd for its label counts less than others of its class, in a train set.'),
    noise: number(1, 0, 100, 'Weight of a seeded random draw: 0 ranks strictly, more samples.'),
  }),
  eligible: group({
    nearDuplicate: number(0.95, 0, 0.9999, 'Similarity to an admitted item from which an item is a near-duplicate and never admitted, at most: it is lowered to half way between what different items of the stream reach (all but 0.1 % of pairs) and 1, where that is at least 0.03 less.'),
    nearDuplicateFloor: number(0.8, 0, 0.9999, 'How far it is lowered at most; from eligible.nearDuplicate on, it is not lowered at all.'),
    dark: number(0.04, 0, 1, 'Mean luma below which an image is too dark.'),
    bright: number(0.97, 0, 1, 'Mean luma above which an image is too bright.'),
    contrast: number(0.015, 0, 0.5, 'Standard deviation of luma below which an image shows nothing.'),
    sharpness: number(2, 0, 10_000, 'Variance of the Laplacian below which an image is blurred beyond use.'),
  }),
  priority: group({
    rareShare: number(0.25, 0, 1, 'A cluster is rare at or below this part of an even share.'),
    shortNeed: number(0.4, 0, 10, 'A class is short from this log need on; 0.4 is about two thirds of the mean.'),
  }),
  trust: group({
    evenDimension: number(0.175, 0.001, 1, "Effective dimension of the stream's embeddings, as a part of their dimension, at which likeness is taken to be right half the time; more makes plain sampling likelier."),
    most: number(10, 0, 1000, 'Weight of novelty and rarity against a random draw, at most.'),
  }),
  audit: group({
    review: number(0.5, 0, 1, 'Suspicion from which a label is marked for review; about even odds at 0.5.'),
    validation: number(0.15, 0, 1, 'Suspicion from which a labelled image is kept out of a validation set; from audit.review on it always is. One wrong label there harms more than one right image that is missing.'),
    taught: whole(100, 0, 'Labels learned before one can be told to be right; until then no labelled image is taken into a validation set.'),
  }),
  budget: group({
    reserve: number(0.1, 0, 1, 'Part of the budget on which rare clusters and short classes draw first.'),
    burst: number(50, 1, 10_000, 'Unspent admissions that are saved at most.'),
  }),
  halfLife: group({
    items: number(20_000, 1, 1e12, 'Half-life of cluster and class statistics in decided items, for streams without times.'),
    seconds: number(604_800, 1, 1e12, 'Half-life in seconds of event time, for streams with times.'),
  }),
  clusters: group({
    max: whole(1000, 2, 'Live clusters at most.'),
    maxCold: whole(4000, 1, 'Clusters remembered in the cold list at most.'),
    promoteAt: number(4.5, 1, 1e6, 'Decayed weight from which a cluster is confirmed; 4.5 is five recent items.'),
    spread: number(1.5, 0, 10, 'Deviations below the mean similarity at which an item founds a cluster.'),
  }),
  memory: group({ max: whole(100_000, 100, 'Embeddings of admitted items remembered at most.') }),
  head: group({ halfLife: number(20_000, 1, 1e12, 'Half-life of the classifier in labels.') }),
  targets: targets.default([]).describe('What is wanted of a class or a stream among the admitted.'),
});

/** The policy in force where no file is given. */
export const DEFAULT_POLICY: Policy = PolicySpec.parse({});
