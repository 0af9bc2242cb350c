/**
 * Tells when a rare cluster that has long been known comes much more often than it used to: how often it came of late is held against how often it came before,
 * each a decayed count over decided items, and the two against what chance would do to counts as small.
 *
 * A camera that goes on looking at one thing is one arrival, however many frames it takes: else every long look would be growth.
 */
import type { Alert, Change } from '../../schemas/decision.ts';
import { alertOf, type Raiser } from './alert-of.ts';
import { decay } from './clock.ts';
import type { Cluster } from './clusters.ts';
import { Packer, Unpacker } from './codec.ts';
import { hash32 } from './hash.ts';

/** Half-lives of the counts in items: of late, and in the long run without what the middle one holds, since what grows is soon a part of that too. */
const SHORT = 200;
const MIDDLE = 800;
const LONG = 5000;
/** Items for which a cluster must have been there: before, nobody can tell how often it comes. */
const KNOWN_FOR = 1000;
/** Part of all items that a rare cluster makes up at most, in the long run. */
const RARE = 0.02;
/** Least decayed count of late, ... */
const SUPPORT = 4;
/** ... and how many times as often as before it must come. */
const FACTOR = 3;
/** The likelihood of two rates over that of one, as 2 log: what chance exceeds for one cluster in 370 at a time, and less often by far while the rate stands. */
const SIGNIFICANT = 9;
/** It has fallen back when it comes at most so many times as often; only then can it grow again, ... */
const FALLEN = 1.5;
/** ... and not within so many items. */
const COOL_DOWN = 1000;
/** Latest members kept of each cluster as exemplars. */
const MEMBERS = 8;
/** Streams whose last cluster is kept at most; the longest unseen are let go. */
const STREAMS = 1000;

interface Member {
  readonly id: string;
  readonly stream: string;
  /** To the centroid when it came. */
  readonly similarity: number;
}

interface Row {
  /** Seq and time of its first item. */
  readonly from: number;
  readonly time: number | null;
  /** Seq to which the counts are decayed. */
  readonly at: number;
  readonly short: number;
  readonly middle: number;
  readonly long: number;
  /** Seq of its last alert; -Infinity before the first. */
  readonly raised: number;
  /** Whether it has not fallen back since. */
  readonly high: boolean;
  readonly members: readonly Member[];
}

interface Look {
  readonly cluster: number;
  readonly at: number;
}

export class Growth {
  readonly #max: number;
  readonly #rows = new Map<number, Row>();
  readonly #changed = new Set<number>();
  /** What each stream saw last, by a hash of its name. */
  readonly #looks = new Map<number, Look>();
  readonly #looked = new Set<number>();

  /** @param max clusters that are counted at most; beyond it a twentieth, the longest unseen, begin anew when they return */
  constructor(max: number) {
    this.#max = max;
  }

  /** An item of a cluster. @returns the alert, if the cluster grows */
  add({ id, weight: support, confirmed }: Cluster, item: Raiser, similarity: number, nearestKnown: () => Alert['nearestKnown']): Alert | null {
    const { seq, sample } = item;
    if (this.#stays(sample.stream, id, seq)) return null;
    const member = { id: sample.id, stream: sample.stream, similarity };
    const row = arrived(this.#rows.get(id) ?? begun(seq, sample.time), seq, member);
    const { factor, long, significance } = compared(row, seq);
    const high = row.high && factor > FALLEN;
    const grows = confirmed && !high && seq - row.from >= KNOWN_FOR && seq - row.raised >= COOL_DOWN && row.short >= SUPPORT && long <= RARE && factor >= FACTOR && significance >= SIGNIFICANT;
    this.#set(id, { ...row, high: high || grows, raised: grows ? seq : row.raised });
    if (!grows) return null;
    const exemplars = [...row.members].sort((a, b) => b.similarity - a.similarity).map((each) => each.id);
    const streams = [...new Set(row.members.map(({ stream }) => stream))].sort();
    return alertOf('growth', item, { cluster: id, support, exemplars, streams, firstSeen: { seq: row.from, time: row.time }, growth: factor, nearestKnown: nearestKnown() });
  }

  /** Whether the stream's item before this one was of the same cluster. */
  #stays(stream: string, cluster: number, seq: number): boolean {
    const key = hash32(0, stream);
    const before = this.#looks.get(key)?.cluster;
    this.#looks.set(key, { cluster, at: seq });
    this.#looked.add(key);
    letGo(this.#looks, STREAMS, (gone) => this.#looked.add(gone));
    return before === cluster;
  }

  #set(id: number, row: Row): void {
    this.#rows.set(id, row);
    this.#changed.add(id);
    letGo(this.#rows, this.#max, (gone) => this.#changed.add(gone));
  }

  /** No longer counted: it is another cluster's part now. */
  drop(id: number): void {
    if (this.#rows.delete(id)) this.#changed.add(id);
  }

  /** Items with these ids are members of nothing any more. */
  forget(ids: ReadonlySet<string>): void {
    for (const [key, row] of this.#rows) {
      const members = row.members.filter(({ id }) => !ids.has(id));
      if (members.length === row.members.length) continue;
      this.#rows.set(key, { ...row, members });
      this.#changed.add(key);
    }
  }

  *takeChanges(): Iterable<Change> {
    for (const key of this.#changed) {
      const row = this.#rows.get(key);
      yield { kind: 'growth', key, value: row === undefined ? null : pack(row) };
    }
    for (const key of this.#looked) {
      const look = this.#looks.get(key);
      yield { kind: 'look', key, value: look === undefined ? null : new Packer().f64(look.cluster, look.at).done() };
    }
    this.#changed.clear();
    this.#looked.clear();
  }

  restore({ kind, key }: Change, value: Uint8Array): void {
    if (kind === 'growth') return void this.#rows.set(key, unpack(value));
    const from = new Unpacker(value);
    this.#looks.set(key, { cluster: from.f64(), at: from.f64() });
  }
}

export const GROWTH: ReadonlySet<string> = new Set(['growth', 'look']);

/** Beyond `most` a twentieth of them go, the longest unseen. */
function letGo(rows: Map<number, { readonly at: number }>, most: number, gone: (key: number) => void): void {
  if (rows.size <= most) return;
  const oldest = [...rows].sort(([, a], [, b]) => a.at - b.at).slice(0, rows.size - Math.floor(most * 0.95));
  for (const [key] of oldest) {
    rows.delete(key);
    gone(key);
  }
}

function begun(seq: number, time: number | null): Row {
  return { from: seq, time, at: seq, short: 0, middle: 0, long: 0, raised: -Infinity, high: false, members: [] };
}

function arrived(row: Row, seq: number, member: Member): Row {
  const counted = (count: number, halfLife: number): number => count * decay(seq - row.at, halfLife) + 1;
  return { ...row, at: seq, short: counted(row.short, SHORT), middle: counted(row.middle, MIDDLE), long: counted(row.long, LONG), members: [...row.members.slice(1 - MEMBERS), member] };
}

/** Late against before: the long count without what is in the middle one, and one more, as nothing is known to be never. */
function compared({ from, short, middle, long }: Row, seq: number): { readonly factor: number; readonly long: number; readonly significance: number } {
  const age = seq - from + 1;
  const late = itemsIn(SHORT, age);
  const earlier = itemsIn(LONG, age) - itemsIn(MIDDLE, age);
  const before = Math.max(long - middle, 0) + 1;
  const [rate, was] = [short / late, before / earlier];
  const both = (short + before) / (late + earlier);
  return { factor: rate / was, long: was, significance: 2 * (short * Math.log(rate / both) + before * Math.log(was / both)) };
}

/** Decayed number of items of the last `age`. */
function itemsIn(halfLife: number, age: number): number {
  return (halfLife / Math.LN2) * (1 - decay(age, halfLife));
}

function pack({ from, time, at, short, middle, long, raised, high, members }: Row): Uint8Array {
  const out = new Packer().f64(from, time ?? NaN, at, short, middle, long, raised, high ? 1 : 0, members.length);
  for (const { id, stream, similarity } of members) out.text(id).text(stream).f64(similarity);
  return out.done();
}

function unpack(value: Uint8Array): Row {
  const from = new Unpacker(value);
  const [first, time, at, short, middle, long, raised, high] = [from.f64(), from.f64(), from.f64(), from.f64(), from.f64(), from.f64(), from.f64(), from.f64()];
  const members = Array.from({ length: from.f64() }, () => ({ id: from.text(), stream: from.text(), similarity: from.f64() }));
  return { from: first, time: Number.isNaN(time) ? null : time, at, short, middle, long, raised, high: high === 1, members };
}
