/** What is told of each cluster; memory is bounded per cluster. */
import type { StoredDecision } from '../../../store/types.ts';
import { mainClass } from './labels.ts';

/** Thumbnails shown of a cluster. */
const MEMBERS = 6;
const MOST_LABELS = 24;
/** How many clusters are told of one by one: of many, the rarest, the densest, and some of those between. */
export const TOLD = { rarest: 140, between: 40, densest: 60 };

export interface Member {
  readonly seq: number;
  readonly id: string;
  readonly admitted: boolean;
}

export interface ClusterCount {
  readonly id: number;
  seen: number;
  admitted: number;
  review: number;
  /** Decayed share when its last member came. */
  share: number;
  lastSeq: number;
  readonly firstSeq: number;
  /** Images by main class; beyond 24 classes, '' holds the rest. */
  readonly labels: Map<string, number>;
  /** The latest kept and the latest left out, oldest first. */
  readonly kept: Member[];
  readonly left: Member[];
}

export class ClusterTally {
  readonly #clusters = new Map<number, ClusterCount>();

  add(decision: StoredDecision): void {
    const { cluster: id, share, seq } = decision;
    if (id === null || share === null) return;
    const admitted = decision.verdict === 'admit';
    let entry = this.#clusters.get(id);
    if (entry === undefined) {
      entry = { id, seen: 0, admitted: 0, review: 0, share: 0, lastSeq: seq, firstSeq: seq, labels: new Map(), kept: [], left: [] };
      this.#clusters.set(id, entry);
    }
    entry.seen++;
    if (admitted) entry.admitted++;
    if (decision.review) entry.review++;
    entry.share = share;
    entry.lastSeq = seq;
    const kind = mainClass(decision.label);
    if (kind !== null) {
      const name = entry.labels.has(kind) || entry.labels.size < MOST_LABELS ? kind : '';
      entry.labels.set(name, (entry.labels.get(name) ?? 0) + 1);
    }
    const members = admitted ? entry.kept : entry.left;
    members.push({ seq, id: decision.id, admitted });
    if (members.length > MEMBERS) members.shift();
  }

  /** Rarest first; of equally rare ones the newest. */
  list(): ClusterCount[] {
    return [...this.#clusters.values()].sort((a, b) => a.seen - b.seen || b.firstSeq - a.firstSeq || a.id - b.id);
  }
}

/** Kept ones first, newest first; filled up with the newest of those left out. */
export function membersToShow(cluster: ClusterCount): Member[] {
  const kept = [...cluster.kept].reverse();
  const left = [...cluster.left].reverse();
  // At least one of each sort, so that one sees what was not taken from the same cluster.
  const room = left.length > 0 ? MEMBERS - Math.min(2, left.length) : MEMBERS;
  const first = kept.slice(0, room);
  return [...first, ...left.slice(0, MEMBERS - first.length)];
}

/** @param all rarest first. @returns those that are told of one by one, in the same order */
export function clustersToShow(all: readonly ClusterCount[]): readonly ClusterCount[] {
  const { rarest, between, densest } = TOLD;
  if (all.length <= rarest + between + densest) return all;
  const middle = all.slice(rarest, all.length - densest);
  const some = Array.from({ length: between }, (_, i) => middle[Math.floor((i * middle.length) / between)]).filter((c) => c !== undefined);
  return [...all.slice(0, rarest), ...some, ...all.slice(all.length - densest)];
}
