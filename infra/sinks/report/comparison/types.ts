/** What the page of a replay is made from. */
interface Sides {
  readonly recorded: number;
  readonly replay: number;
  readonly random: number;
}

export interface Shown {
  readonly seq: number;
  readonly id: string;
}

export interface ComparisonData {
  readonly dir: string;
  readonly decided: number;
  readonly both: number;
  readonly gainedCount: number;
  readonly lostCount: number;
  /** @param digits behind the point; null: whole numbers */
  readonly figures: readonly { readonly name: string; readonly digits: number | null; readonly sides: Sides }[];
  /** Those that differ, as texts. */
  readonly settings: readonly { readonly name: string; readonly recorded: string; readonly replay: string }[];
  /** The greatest differences first. */
  readonly classes: readonly (Sides & { readonly class: string; readonly stream: number })[];
  /** Some of what only the replay admits, and of what only the record does. */
  readonly gained: readonly Shown[];
  readonly lost: readonly Shown[];
  readonly notes: readonly string[];
}
