/** What the sections of the page are made from. */
import type { Alert } from '../../../schemas/decision.ts';
import type { CampaignStanding } from '../../../schemas/campaign.ts';
import type { TargetStanding } from '../../../schemas/target.ts';
import type { RunEntry } from '../../store/types.ts';
import type { Member } from './tally/clusters.ts';
import type { Collected } from './tally/collect.ts';

/** What is known of the kept item that is nearest to another. */
export interface Neighbour extends Member {
  readonly label: string | null;
  readonly similarity: number;
}

export interface RaisedAlert {
  readonly alert: Alert;
  readonly exemplars: readonly Member[];
}

export interface Context {
  readonly dir: string;
  readonly runs: readonly RunEntry[];
  readonly collected: Collected;
  readonly targets: readonly TargetStanding[];
  readonly campaigns: readonly CampaignStanding[];
  /** By seq of the suspect. */
  readonly neighbours: ReadonlyMap<number, Neighbour>;
  readonly alerts: { readonly total: number; readonly shown: readonly RaisedAlert[] };
  /** Items whose picture is in the file. */
  readonly pictured: ReadonlySet<number>;
  /** Items on the map. */
  readonly mapped: number;
}
