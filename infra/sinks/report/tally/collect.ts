/** One pass over a folder's decisions: everything the report says about counts comes from here. */
import type { Reader } from '../../../store/types.ts';
import { Boxes } from './boxes.ts';
import { ClusterTally, type ClusterCount } from './clusters.ts';
import { groupDead, type DeadGroup } from './dead.ts';
import { groupFaults, type FaultGroups } from './faults.ts';
import { ClassTally, type ClassCount } from './labels.ts';
import { Points } from './points.ts';
import { Series } from './series.ts';
import { Suspects } from './suspects.ts';

const MOST_SUSPECTS = 60;
const MOST_OF_A_FAULT = 24;

export interface Verdicts {
  readonly decided: number;
  readonly admitted: number;
}

export interface Collected {
  readonly decided: number;
  readonly admitted: number;
  readonly rejected: number;
  readonly dead: { readonly total: number; readonly groups: readonly DeadGroup[] };
  /** Bad annotations. */
  readonly faults: FaultGroups;
  readonly unspent: number;
  /** By the code that stood first; in order of count. */
  readonly reasons: ReadonlyMap<string, Verdicts>;
  /** In order of count. */
  readonly streams: ReadonlyMap<string, Verdicts>;
  readonly classes: readonly ClassCount[];
  readonly labelled: number;
  readonly clusters: readonly ClusterCount[];
  readonly suspects: Suspects;
  readonly boxes: Boxes;
  readonly series: Series;
  readonly points: Points;
}

type Counts = Map<string, { decided: number; admitted: number }>;

export function collect(reader: Reader): Collected {
  const series = new Series();
  const points = new Points(reader.totals().decided);
  const clusters = new ClusterTally();
  const classes = new ClassTally();
  const suspects = new Suspects(MOST_SUSPECTS);
  const boxes = new Boxes(MOST_SUSPECTS, MOST_OF_A_FAULT);
  const reasons: Counts = new Map();
  const streams: Counts = new Map();
  const all = { decided: 0, admitted: 0 };
  for (const decision of reader.decisions()) {
    const admitted = decision.verdict === 'admit';
    for (const counts of [all, entryOf(reasons, decision.reasons[0]?.code ?? 'unknown'), entryOf(streams, decision.stream)]) {
      counts.decided++;
      if (admitted) counts.admitted++;
    }
    for (const tally of [series, points, clusters, suspects, boxes]) tally.add(decision);
    classes.add(decision.label, admitted);
  }
  return {
    ...all,
    rejected: all.decided - all.admitted,
    dead: groupDead(reader.dead()),
    faults: groupFaults(reader.faults()),
    unspent: reader.totals().unspent,
    reasons: byCount(reasons),
    streams: byCount(streams),
    classes: classes.list(),
    labelled: classes.labelled,
    clusters: clusters.list(),
    suspects,
    boxes,
    series,
    points,
  };
}

function entryOf(counts: Counts, key: string): { decided: number; admitted: number } {
  const entry = counts.get(key) ?? { decided: 0, admitted: 0 };
  counts.set(key, entry);
  return entry;
}

function byCount(counts: Counts): Map<string, Verdicts> {
  return new Map([...counts].sort(([a, m], [b, n]) => n.decided - m.decided || (a < b ? -1 : 1)));
}
