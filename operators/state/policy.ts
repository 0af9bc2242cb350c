/**
 * The decision itself, as pure functions: what makes an item eligible, its score, and the verdict.
 * Each reason holds the value and the threshold that were compared; the same numbers give the same verdict.
 */
import type { Quality, Reason, Verdict } from '../../schemas/decision.ts';
import { campaignCode } from '../../schemas/reasons.ts';
import { TOKEN } from './bucket.ts';
import type { Allowance } from './budget.ts';
import type { Answer } from './campaigns.ts';
import type { Decisive } from './objects/together.ts';
import type { Target } from './targets.ts';
import type { Split } from './split.ts';

/** Weights and thresholds; a policy file sets any of them. */
export interface Policy {
  readonly weights: {
    /** Of the log of novelty. */
    readonly novelty: number;
    /** Of the log of the cluster's share, against an even share; where a label that is believed is shown, class need stands for it. */
    readonly share: number;
    /** Of the log of class need. */
    readonly need: number;
    /** Of the log of 1 + the classes it shows that no admitted item shows yet; 0 does not look at them. */
    readonly cover: number;
    /** Of suspicion. */
    readonly suspicion: number;
    /** Of oddity for its label. */
    readonly oddity: number;
    /** Of a Gumbel draw: 0 ranks strictly, more samples. */
    readonly noise: number;
  };
  readonly eligible: {
    /** Similarity to an admitted item from which an item is a near-duplicate, at most and at least: the stream tells where between the two. */
    readonly nearDuplicate: number;
    readonly nearDuplicateFloor: number;
    /** Mean luma below which it is too dark, above which too bright. */
    readonly dark: number;
    readonly bright: number;
    readonly contrast: number;
    readonly sharpness: number;
  };
  readonly priority: {
    /** Times an even share, at or below which a cluster is rare. */
    readonly rareShare: number;
    /** Log need from which a class is short. */
    readonly shortNeed: number;
  };
  readonly trust: {
    /** Effective dimension of the stream, as a part of the embedding's, at which likeness is taken to be right half the time. */
    readonly evenDimension: number;
    /** Weight at most. */
    readonly most: number;
  };
  readonly audit: {
    /** Suspicion from which a label goes to review. */
    readonly review: number;
    /** Suspicion from which a label goes to no validation set; those to be reviewed never do. */
    readonly validation: number;
    /** Labels the head must have learned before one can be told to be right. */
    readonly taught: number;
  };
  readonly budget: {
    readonly reserve: number;
    readonly burst: number;
  };
  readonly halfLife: { readonly items: number; readonly seconds: number };
  readonly clusters: { readonly max: number; readonly maxCold: number; readonly promoteAt: number; readonly spread: number };
  readonly memory: { readonly max: number };
  readonly head: { readonly halfLife: number };
  readonly targets: readonly Target[];
}

/** What is known of an item when it is decided. */
export interface Features {
  readonly quality: Quality;
  /** Inner product with the nearest admitted item, -1..1; null where nothing is admitted. */
  readonly similarity: number | null;
  /** Similarity from which it is a near-duplicate: the threshold in force. */
  readonly nearDuplicate: number;
  /** Whether the nearest admitted item has the same bytes. */
  readonly sameBytes: boolean;
  /** Similarity to the nearest item of the guarded set; null where none is guarded. */
  readonly guarded: number | null;
  /** Decayed share of the cluster, 0..1. */
  readonly share: number;
  /** 1 / number of clusters. */
  readonly evenShare: number;
  /** Log need of the classes it shows or seems to show, and of the targets that it serves; null where nothing is known of either. */
  readonly need: number | null;
  /** How many classes of its believed label no admitted item shows yet, and how many of them the best of the items that may be waited for is expected to show. Null where no label was shown. */
  readonly cover: { readonly missing: number; readonly awaited: number } | null;
  /** What the objects decide: the need is of those that are believed. Null where objects are not looked at. */
  readonly decisive: { readonly short: number | null; readonly missing: number | null; readonly rarest: Decisive | null; readonly evenShare: number } | null;
  /** Null where no label was shown. */
  readonly suspicion: number | null;
  /** By how many deviations it is odder than is usual for its label; null where no label was shown. */
  readonly oddity: number | null;
  /** The campaigns that it answers. */
  readonly answers: readonly Answer[];
  /** Labels the head had learned by then. */
  readonly taught: number;
  /** What likeness weighs against a random draw. */
  readonly trust: number;
  /** Standard Gumbel draw of this item. */
  readonly draw: number;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly eligible: boolean;
  readonly fromReserve: boolean;
  readonly review: boolean;
  readonly score: number;
  /** The score without what missing classes add, which the cut is made of: that part ends as soon as each class is there. */
  readonly lasting: number;
  /** The decisive one first. */
  readonly reasons: readonly Reason[];
}

/** Side of the square on which `inspect` measures, in pixels. */
const MEASURED_SIDE = 112;

/** Novelty of an item: 1 - similarity, never below 0. */
export function novelty(similarity: number | null): number {
  return similarity === null ? 1 : Math.max(0, 1 - similarity);
}

/**
 * What the item is worth to a fleet: what partitions can be compared by. A score cannot: it weighs likeness by the trust that its own stream has earned,
 * and holds a draw.
 */
export function meritOf(policy: Policy, item: Features): number {
  return gainOf(policy, item) + policy.weights.need * (needOf(policy, item) ?? 0) - policy.weights.suspicion * (item.suspicion ?? 0);
}

/** The need that counts: a label that is for review makes no class short. */
function needOf({ audit }: Policy, { need, suspicion, decisive }: Features): number | null {
  return decisive !== null || suspicion === null || suspicion < audit.review ? need : null;
}

/** What likeness says of the item: log novelty and rarity of its cluster, weighed. Where a label is shown and believed, class need says better what is rare. */
function gainOf(policy: Policy, item: Features): number {
  const { weights } = policy;
  const share = item.suspicion !== null && needOf(policy, item) !== null ? 0 : weights.share;
  return weights.novelty * Math.log(Math.max(novelty(item.similarity), 1e-3)) - share * Math.log(item.share / item.evenShare);
}

/** Odder than so many deviations is odd and no more. */
const ODDEST = 2;

/** The score, but for missing classes: how much is gained by admitting the item. A sum of logs, so that no factor alone decides. A validation set is to have the odd ones too. */
function lastingOf(policy: Policy, split: Split, item: Features): number {
  const { weights } = policy;
  return (
    item.trust * (gainOf(policy, item) - (split === 'train' ? weights.oddity * Math.min(ODDEST, Math.max(0, item.oddity ?? 0)) : 0)) +
    (1 + item.trust) * (weights.need * (needOf(policy, item) ?? 0) + asked(item)) -
    weights.suspicion * (item.suspicion ?? 0) +
    weights.noise * item.draw
  );
}

/** What missing classes add, in logs as need is: more of them, but each less. */
function coverOf({ weights }: Policy, { cover }: Features): number {
  return weights.cover * Math.log1p(cover?.missing ?? 0);
}

/** What campaigns add, in logs as need is: the one that asks most. */
function asked({ answers }: Features): number {
  return answers.reduce((most, { weight }) => Math.max(most, weight ?? 0), 0);
}

/** What enlarging a small picture to the model's square leaves of its sharpness, 0..1: edges that are stretched n-fold are n times less steep. */
function enlarged({ width, height }: Quality): number {
  return Math.min(1, Math.min(width, height) / MEASURED_SIDE) ** 2;
}

/** Suspicion from which a label is for review once it is learned: what a validation set would not have admitted is, too. */
export function reviewFrom({ review, validation }: Policy['audit'], split: Split): number {
  return split === 'validation' ? Math.min(validation, review) : review;
}

/** The ground for which an item can never be admitted now, or null. */
function ineligibility(policy: Policy, split: Split, item: Features): Reason | null {
  const { eligible, audit } = policy;
  const { quality, similarity, guarded, nearDuplicate } = item;
  const unwanted = item.answers.find(({ weight }) => weight === null);
  if (unwanted !== undefined) return { code: campaignCode('unwanted', unwanted.name), value: unwanted.value, threshold: unwanted.threshold };
  if (item.sameBytes) return { code: 'exact_duplicate', value: similarity ?? 1, threshold: nearDuplicate };
  if (similarity !== null && similarity >= nearDuplicate) return { code: 'near_duplicate', value: similarity, threshold: nearDuplicate };
  if (guarded !== null && guarded >= nearDuplicate) return { code: 'guarded', value: guarded, threshold: nearDuplicate };
  if (quality.brightness < eligible.dark) return { code: 'too_dark', value: quality.brightness, threshold: eligible.dark };
  if (quality.brightness > eligible.bright) return { code: 'too_bright', value: quality.brightness, threshold: eligible.bright };
  if (quality.contrast < eligible.contrast) return { code: 'low_contrast', value: quality.contrast, threshold: eligible.contrast };
  const sharp = eligible.sharpness * enlarged(quality);
  if (quality.sharpness < sharp) return { code: 'blurred', value: quality.sharpness, threshold: sharp };
  if (split === 'train' || item.suspicion === null) return null;
  if (item.taught < audit.taught) return { code: 'unaudited', value: item.taught, threshold: audit.taught };
  const most = reviewFrom(audit, split);
  return item.suspicion >= most ? { code: 'suspicious_label', value: item.suspicion, threshold: most } : null;
}

/** The verdict. @param split which set it is for. @param cut the score that suffices. @param allowance what the budget allows now */
export function judge(policy: Policy, split: Split, item: Features, cut: number, allowance: Allowance): Judgement {
  const lasting = lastingOf(policy, split, item);
  const score = lasting + coverOf(policy, item);
  const barred = ineligibility(policy, split, item);
  const rare: Reason = { code: 'cluster_share', value: item.share, threshold: rareFrom(policy, item) };
  const grounds: Reason[] = [{ code: 'novelty', value: novelty(item.similarity), threshold: 1 - item.nearDuplicate }, rare];
  const { decisive } = item;
  if (decisive?.rarest) grounds.push({ code: 'object_share', value: decisive.rarest.value, threshold: rareFrom(policy, { ...item, evenShare: decisive.evenShare }), object: decisive.rarest.index });
  if (item.need !== null) grounds.push({ code: 'class_need', value: item.need, threshold: policy.priority.shortNeed, ...(typeof decisive?.short === 'number' ? { object: decisive.short } : {}) });
  if (item.suspicion !== null) grounds.push({ code: 'suspicion', value: item.suspicion, threshold: policy.audit.review });
  if (item.oddity !== null) grounds.push({ code: 'oddity', value: item.oddity, threshold: ODDEST });
  for (const { name, value, threshold, weight } of item.answers) if (weight !== null) grounds.push({ code: campaignCode('campaign', name), value, threshold });
  grounds.push({ code: 'trust', value: item.trust, threshold: 1 });
  const review = item.suspicion !== null && item.suspicion >= policy.audit.review;
  const first = barred ?? spend(policy, item, score, cut, allowance);
  const verdict = ADMITTING.has(first.code) ? 'admit' : 'reject';
  return { verdict, eligible: barred === null, fromReserve: first.code === 'reserve', review, score, lasting, reasons: [first, ...grounds] };
}

/** What bars an item, whatever its score; see `ineligibility`. */
const BARRING: ReadonlySet<string> = new Set(['exact_duplicate', 'near_duplicate', 'guarded', 'too_dark', 'too_bright', 'low_contrast', 'blurred', 'unaudited', 'suspicious_label']);

/** Whether a verdict with these reasons is of an item that was not eligible. */
export function wasBarred(reasons: readonly Pick<Reason, 'code'>[]): boolean {
  return reasons.some(({ code }) => BARRING.has(code) || code.startsWith(campaignCode('unwanted', '')));
}

const ADMITTING: ReadonlySet<string> = new Set(['class_cover', 'above_cut', 'reserve', 'budget_to_spend']);

/** Whether an eligible item is worth a token, and which one it takes. */
function spend(policy: Policy, item: Features, score: number, cut: number, allowance: Allowance): Reason {
  const { tokens, spendable, reserve, band } = allowance;
  if (tokens < TOKEN) return { code: 'no_budget', value: tokens, threshold: 1 };
  const cover = coverBy(policy, item, tokens);
  if (cover !== null) return cover;
  if (isPriority(policy, item) && reserve >= TOKEN) return { code: 'reserve', value: reserve, threshold: 1 };
  if (score >= cut && spendable >= TOKEN) return { code: 'above_cut', value: score, threshold: cut };
  if (spendable >= band) return { code: 'budget_to_spend', value: spendable, threshold: band };
  if (score >= cut) return { code: 'no_budget', value: spendable, threshold: 1 };
  return { code: 'below_cut', value: score, threshold: cut };
}

/** The verdict where classes that are missing decide: there are enough of them, or the last token is better kept for more. */
function coverBy({ weights }: Policy, { cover, decisive }: Features, tokens: number): Reason | null {
  if (weights.cover === 0 || cover === null) return null;
  const { missing, awaited } = cover;
  if (missing > 0 && missing >= awaited) return { code: 'class_cover', value: missing, threshold: awaited, ...(typeof decisive?.missing === 'number' ? { object: decisive.missing } : {}) };
  return missing < awaited && tokens < 1 + TOKEN ? { code: 'cover_awaited', value: missing, threshold: awaited } : null;
}

/** Share at or below which a cluster is rare. Where the embedding tells little, a small cluster is more often an odd picture than a kind of its own. */
function rareFrom(policy: Policy, { evenShare, trust }: Pick<Features, 'evenShare' | 'trust'>): number {
  return policy.priority.rareShare * evenShare * Math.min(1, trust);
}

/** Rare clusters and short classes draw on the reserve. */
function isPriority(policy: Policy, item: Features): boolean {
  const { decisive } = item;
  if (decisive?.rarest && decisive.rarest.value <= rareFrom(policy, { ...item, evenShare: decisive.evenShare })) return true;
  return item.share <= rareFrom(policy, item) || (needOf(policy, item) ?? -Infinity) >= policy.priority.shortNeed;
}
