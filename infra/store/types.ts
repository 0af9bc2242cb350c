/** What is kept in an output folder beside the items: how it was made, and reading it back. */
import type { Alert, Change, DeadLetter, Decision } from '../../schemas/decision.ts';
import type { Label } from '../../schemas/sample.ts';
import type { AnnotationFaults } from '../../schemas/annotations.ts';
import type { CampaignStanding } from '../../schemas/campaign.ts';
import type { TargetStanding } from '../../schemas/target.ts';

/** What a run is made of; a change of any of it but the source needs --change. */
export interface RunConfig {
  readonly source: string;
  /** The policy in full, defaults filled in, as canonical JSON. */
  readonly policy: string;
  readonly seed: number;
  readonly model: string;
  readonly purpose: 'train' | 'validation';
  readonly budget: string;
  /** Whether all streams share the budget, or each has its own. */
  readonly per: 'fleet' | 'stream';
  readonly fit: string;
  readonly reveal: string;
  /** The file of --labels, null without. It may grow, so another one is no change of the run. */
  readonly labels: string | null;
  /** The file of --predictions, null without. As that of labels. */
  readonly predictions: string | null;
  readonly validationShare: number;
  /** The folder of --guard, null without. */
  readonly guard: string | null;
  /** The data set of --known, null without. */
  readonly known: string | null;
  /** Objects of an image that are embedded as crops, at most: a number, or `off`. */
  readonly objects: string;
  /** Whose unchanged frames are rejected unseen: `auto` (those of videos), of cameras `on`; `off`. */
  readonly gate: string;
}

/** One entry of the run log: the configuration in force from item `seq` on. */
export interface RunEntry {
  readonly seq: number;
  readonly config: RunConfig;
}

/** Figures of the whole folder, kept up to date by each commit. */
export interface Totals {
  readonly decided: number;
  readonly admitted: number;
  readonly dead: number;
  /** Admissions the budget allowed but no eligible item came for. */
  readonly unspent: number;
  /** Commits so far: the one figure that depends on --batch. */
  readonly transactions: number;
}

/** How the annotations of the whole folder stand. */
export interface AnnotationCounts {
  /** Annotations that images were decided without, and those of images that a source does not have, by code. */
  readonly bad: Readonly<Record<string, number>>;
  /** Images that an annotated source shows without a single annotation; no fault. */
  readonly imagesWithout: number;
}

/** Bad annotations of one kind: of an item, or of none where the source does not have their image. */
export interface StoredFaults extends AnnotationFaults {
  readonly id: string | null;
  readonly seq: number | null;
}

/** A verdict as it is read back. What is large is fetched by seq (`embedding`, `thumbnails`, `origin`), so that scans stay quick. */
export type StoredDecision = Omit<Decision, 'embedding' | 'origin'> & {
  /** The latest suspicion, after amends. */
  readonly suspicionNow: number | null;
};

/** A name for what a folder had admitted at one time, which stays as it was then. */
export interface Version {
  readonly name: string;
  /** Place among the versions of the folder, from 1. */
  readonly number: number;
  /** Seq of the last item by then. */
  readonly after: number;
  /** When it was made, in milliseconds since 1970. */
  readonly made: number;
  readonly decided: number;
  readonly admitted: number;
  /** Of them those with a label. */
  readonly labelled: number;
  /** SHA-256 over ids and labels of the admitted, by id. */
  readonly digest: string;
}

/** What is left of an item that was forgotten. */
export interface Gone {
  readonly seq: number;
  /** `dead`: it was a dead letter. */
  readonly verdict: 'admit' | 'reject' | 'dead';
  readonly time: number | null;
  /** Seq of the last item by then. */
  readonly after: number;
}

/** How many are gone, by what they were. */
export type GoneCounts = Readonly<Record<Gone['verdict'], number>>;

/** A label that was corrected. */
export interface EarlierLabel {
  readonly label: Label;
  /** Seq of the last item before the correction took effect. */
  readonly after: number;
}

/**
 * Reads an output folder, also while a run writes to it. Everything read comes from one state of the folder, the one
 * at the time of opening or of the last `refresh`, so that the parts of an export agree.
 */
export interface Reader {
  readonly dir: string;
  runs(): readonly RunEntry[];
  /** Source headers (for instance COCO's categories) by source identity, JSON each, in order of first use. */
  headers(): readonly { readonly source: string; readonly header: string }[];
  totals(): Totals;
  /** In order of seq, one row at a time. */
  decisions(verdict?: 'admit' | 'reject'): Iterable<StoredDecision>;
  /** The next ones from a seq on. */
  decisionsFrom(seq: number, most: number): readonly StoredDecision[];
  decision(id: string): StoredDecision | null;
  /** Labels of an item that were corrected since, the first one given first; empty where none was. */
  earlierLabels(seq: number): readonly EarlierLabel[];
  /** What is left of an item with this id that was forgotten. */
  goneOf(id: string): readonly Gone[];
  /** They count in `totals`, and are no decisions and no dead letters any more. */
  gone(): GoneCounts;
  dead(): Iterable<DeadLetter>;
  deadOf(id: string): readonly DeadLetter[];
  /** Bad annotations, those that belong to no item first, then in order of seq. */
  faults(): Iterable<StoredFaults>;
  faultsOf(seq: number): readonly StoredFaults[];
  annotations(): AnnotationCounts;
  alerts(): Iterable<Alert>;
  /** How the targets of the policy stand, in the order of the policy. */
  targets(): readonly TargetStanding[];
  /** What was admitted for each campaign that is under way, in their order. */
  campaigns(): readonly CampaignStanding[];
  /** In the order they were made. */
  versions(): readonly Version[];
  /**
   * The folder as far as a version has it: what was admitted, with labels, origins, headers and settings as they were. Counts of verdicts are those of then; embeddings are by the model of now.
   * @throws SluiceError SLUICE_E_NOT_FOUND where there is none of that name, SLUICE_E_STORE_CORRUPT where it does not hold any more what it was made of
   */
  asOf(version: string): HeldReader;
  /** The engine's records of one kind, ordered by key. */
  state(kind: string): readonly Change[];
  /** @throws SluiceError SLUICE_E_NOT_FOUND where `seq` has no verdict */
  embedding(seq: number): Float32Array;
  /** Whether there is a thumbnail of an item. */
  pictured(seq: number): boolean;
  /** Thumbnails of these items, as JPEG, strip by strip; items without one are passed over. */
  thumbnails(seqs: Iterable<number>): AsyncIterable<{ readonly seq: number; readonly jpeg: Uint8Array }>;
  /** What the source's format held beyond the label, as JSON; null where it held nothing. */
  origin(seq: number): string | null;
  /** Moves on to what is committed now. Not while something iterates. */
  refresh(): void;
  close(): void;
}

export interface HeldReader extends Reader {
  readonly version: Version;
  /** Items that it had and that were forgotten since: nothing of them is left to read. */
  readonly forgotten: number;
}
