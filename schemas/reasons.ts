/**
 * What each reason code says to people: the one table for the report, the terminal and the docs.
 * Only codes with a verdict can decide; the others (`verdict: null`) tell what else was measured.
 */
import type { BoxFault } from './decision.ts';

export interface ReasonText {
  /** Two or three words. */
  readonly label: string;
  /** One sentence about one item, for a reader who never saw Sluice. */
  readonly sentence: string;
  /** The verdict this reason leads to when it stands first. */
  readonly verdict: 'admit' | 'reject' | null;
  /** What `value` is and what it was held against. */
  readonly measure: string;
}

export const REASONS = {
  // A person has said so.
  rescued: {
    label: 'Rescued',
    sentence: 'It was left out; a person took it in afterwards.',
    verdict: 'admit',
    measure: 'number of the last image by then, against its own',
  },
  revoked: {
    label: 'Taken out',
    sentence: 'It was kept; a person took it out afterwards.',
    verdict: 'reject',
    measure: 'number of the last image by then, against its own',
  },
  // Left out: not eligible.
  unchanged: {
    label: 'Unchanged',
    sentence: 'The camera showed what it had shown before; nothing more was looked at.',
    verdict: 'reject',
    measure: 'blocks of the picture that have changed, of 256',
  },
  exact_duplicate: {
    label: 'Exact duplicate',
    sentence: 'Byte for byte the same file as one already kept.',
    verdict: 'reject',
    measure: 'similarity to the nearest kept image',
  },
  near_duplicate: {
    label: 'Near duplicate',
    sentence: 'Almost the same picture as one already kept; a second copy teaches a model nothing.',
    verdict: 'reject',
    measure: 'similarity to the nearest kept image',
  },
  guarded: {
    label: 'In the guarded set',
    sentence: 'Almost the same picture as one in the set that this one is kept apart from; with it here, a test on that set would measure memory.',
    verdict: 'reject',
    measure: 'similarity to the nearest image of the guarded set',
  },
  too_dark: {
    label: 'Too dark',
    sentence: 'So dark that hardly anything can be seen.',
    verdict: 'reject',
    measure: 'mean brightness, 0 black to 1 white',
  },
  too_bright: {
    label: 'Too bright',
    sentence: 'So bright that hardly anything can be seen.',
    verdict: 'reject',
    measure: 'mean brightness, 0 black to 1 white',
  },
  low_contrast: {
    label: 'No contrast',
    sentence: 'Almost one flat tone, as from fog, a covered lens or a blank wall.',
    verdict: 'reject',
    measure: 'spread of brightness',
  },
  blurred: {
    label: 'Blurred',
    sentence: 'Out of focus or smeared by motion: no sharp edge was found.',
    verdict: 'reject',
    measure: 'sharpness of edges',
  },
  suspicious_label: {
    label: 'Doubtful label',
    sentence: 'Its label may be wrong, and a validation set must not hold doubtful labels.',
    verdict: 'reject',
    measure: 'suspicion that the label is wrong',
  },
  unaudited: {
    label: 'Too early to tell',
    sentence: 'Too few labels were seen before it to tell whether its own is right, and a validation set must not hold doubtful labels.',
    verdict: 'reject',
    measure: 'labels learned before it',
  },
  unwanted: {
    label: 'Not wanted',
    sentence: 'Like an example of which a campaign wants no more.',
    verdict: 'reject',
    measure: 'similarity to the nearest example',
  },
  // Left out: eligible, but others were worth more.
  no_budget: {
    label: 'Budget used up',
    sentence: 'Good enough, but the budget for this stretch of the stream was spent.',
    verdict: 'reject',
    measure: 'budget left, in images',
  },
  below_cut: {
    label: 'Below the cut',
    sentence: 'Less new and less needed than what the budget was being spent on at the time.',
    verdict: 'reject',
    measure: 'score against the cut',
  },
  cover_awaited: {
    label: 'Kept for a new class',
    sentence: 'The only place that was free is kept for an image that shows more of the classes nothing kept shows yet.',
    verdict: 'reject',
    measure: 'classes that nothing kept shows, against what the images to come may be expected to show',
  },
  // Kept.
  class_cover: {
    label: 'New class',
    sentence: 'It shows classes that nothing kept shows yet, as many as any image that could be waited for.',
    verdict: 'admit',
    measure: 'classes that nothing kept shows, against what the images to come may be expected to show',
  },
  above_cut: {
    label: 'Above the cut',
    sentence: 'New or needed enough to be among the best the budget could pay for at the time.',
    verdict: 'admit',
    measure: 'score against the cut',
  },
  reserve: {
    label: 'Rare',
    sentence: 'A kind of picture hardly seen before or a class there is too little of, paid from the reserve for such cases.',
    verdict: 'admit',
    measure: 'reserve left, in images',
  },
  budget_to_spend: {
    label: 'Budget to spend',
    sentence: 'Nothing speaks against it and budget stood unused, so it was taken.',
    verdict: 'admit',
    measure: 'budget left, in images',
  },
  // Measured, never decisive.
  novelty: {
    label: 'Novelty',
    sentence: 'How unlike it is to everything kept before.',
    verdict: null,
    measure: '1 minus the similarity to the nearest kept image',
  },
  cluster_share: {
    label: 'Share of its kind',
    sentence: 'How much of the recent stream looks like this.',
    verdict: null,
    measure: 'share of its cluster in the stream',
  },
  object_share: {
    label: 'Share of its rarest object',
    sentence: 'How much of the recent objects looks like the rarest one of this image.',
    verdict: null,
    measure: 'share of the cluster of the object',
  },
  class_need: {
    label: 'Need of its class',
    sentence: 'How short the classes it shows, or the targets it serves, are among what is kept.',
    verdict: null,
    measure: 'need of its classes, 0 as much as others, higher is shorter',
  },
  suspicion: {
    label: 'Label in doubt',
    sentence: 'How likely its label is wrong, judged by images that look like it.',
    verdict: null,
    measure: 'suspicion that the label is wrong',
  },
  oddity: {
    label: 'Odd for its label',
    sentence: 'How much worse its label fits than those of its class usually do. Of one class, the odd ones teach the least.',
    verdict: null,
    measure: 'deviations from what is usual in its class, above 0 odder',
  },
  campaign: {
    label: 'Asked for',
    sentence: 'Like an example of which a campaign wants more, or of the class that it wants; that counts in its favour.',
    verdict: null,
    measure: 'similarity to the nearest example, or confidence in the class',
  },
  trust: {
    label: 'Trust in likeness',
    sentence: 'How well likeness tells what a picture shows in this stream. Above 1 new and rare pictures are preferred; well below it the choice comes near plain sampling.',
    verdict: null,
    measure: 'weight of likeness against a random draw',
  },
} as const satisfies Record<string, ReasonText>;

/** What each fault of a box says to people. */
export const BOX_FAULTS: Readonly<Record<BoxFault, string>> = {
  outside: 'partly outside of the picture',
  duplicate: 'drawn twice',
  implausible: 'of a shape or place that is unusual for its class',
  background: 'more like what lies beside objects',
  mislocated: 'elsewhere than a detector sees it',
  overlooked: 'seen by a detector, and without a box',
};

type ReasonCode = keyof typeof REASONS;

/** The code of a reason that a campaign gives: `campaign:forklifts`. */
export function campaignCode(code: 'campaign' | 'unwanted', name: string): string {
  return `${code}:${name}`;
}

/** The text of any code; one that the table does not know (of another version) is shown by its own name. That of a campaign names it. */
export function reasonText(code: string): ReasonText {
  const colon = code.indexOf(':');
  if (colon > 0) {
    const text = reasonText(code.slice(0, colon));
    return { ...text, label: `${text.label}: ${code.slice(colon + 1)}` };
  }
  if (Object.hasOwn(REASONS, code)) return REASONS[code as ReasonCode];
  const words = code.replaceAll('_', ' ');
  return { label: words.charAt(0).toUpperCase() + words.slice(1), sentence: '', verdict: null, measure: '' };
}
