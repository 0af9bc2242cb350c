/**
 * Watches young clusters: who belongs to them, so that a novel one can be announced with exemplars. Novel is a cluster that soon has enough
 * members, different pictures that hang together, and lies apart from all that is known: confirmed clusters, live and cold, and those of other partitions.
 *
 * How alike members are and how far apart the known is goes by the radius of clusters, which the stream itself has taught: no constant fits photos and frames alike.
 * What was announced is known: what lies near it raises no second alert, and what returns from the cold list comes back to its own cluster.
 */
import type { Alert, Change } from '../../schemas/decision.ts';
import { alertOf, type Raiser } from './alert-of.ts';
import type { Cluster } from './clusters.ts';
import { Packer, Unpacker } from './codec.ts';
import { dot } from './vectors.ts';

/** A cluster that needs more than this many items for its members is rare, but nothing that begins to show up. */
const WITHIN = 500;
/** First seq that may raise a `novel` alert; so what was founded in the first half of these items counts as there from the beginning. */
const FROM_SEQ = 1000;
/** Members from which a cluster may be announced; copies of one picture are one member. */
export const LEAST_MEMBERS = 4;
/** Members kept of each young cluster; one that has as many and was not announced is a part of what is known. */
const MEMBERS = 12;
/** Of the radius: the mean similarity of two members must be at least this, ... */
const COHERENT = 0.9;
/** ... and that to anything known at most this, or it is a variant of it. */
const APART = 0.75;

interface Member {
  readonly seq: number;
  readonly id: string;
  readonly stream: string;
  readonly embedding: Float32Array;
}

/** A watched cluster: the seq and the time of its first item, and its members. */
interface Watched {
  readonly founded: number;
  readonly time: number | null;
  readonly members: readonly Member[];
}

/** What a cluster's similarities are held against. */
interface Like {
  /** Similarity to a centroid from which an item belongs to it. */
  readonly radius: number;
  /** Similarity from which one picture is a copy of another. */
  readonly copy: number;
  readonly known: () => Nearest;
}

interface Nearest {
  /** To the nearest one that is known, here or in another partition. */
  readonly similarity: number;
  /** The nearest one here. */
  readonly here: Alert['nearestKnown'];
}

export class Watch {
  readonly #clusters = new Map<number, Watched>();
  readonly #changed = new Set<number>();

  /**
   * A further member of a cluster. @param founded whether it is the first: a cluster whose beginning was not seen is not watched
   * @returns the alert, if the cluster is novel by now; it is no longer watched then
   */
  add({ id: cluster, weight: support }: Pick<Cluster, 'id' | 'weight'>, founded: boolean, item: Raiser & Pick<Member, 'embedding'>, like: Like): Alert | null {
    const { seq, sample, embedding } = item;
    this.#expire(seq);
    const watched = founded ? { founded: seq, time: sample.time, members: [] } : this.#clusters.get(cluster);
    if (watched === undefined || watched.members.some((member) => similarity(embedding, member.embedding) >= like.copy)) return null;
    const members = [...watched.members, { seq, id: sample.id, stream: sample.stream, embedding }];
    this.#clusters.set(cluster, { ...watched, members });
    this.#changed.add(cluster);
    const ripe = members.length >= LEAST_MEMBERS && seq >= FROM_SEQ && coherence(members) >= COHERENT * like.radius;
    const known = ripe ? like.known() : null;
    const novel = known !== null && known.similarity <= APART * like.radius;
    if (novel || members.length === MEMBERS) this.drop(cluster);
    if (!novel) return null;
    const streams = [...new Set(members.map(({ stream }) => stream))].sort();
    const firstSeen = { seq: watched.founded, time: watched.time };
    return alertOf('novel', item, { cluster, support, exemplars: centralFirst(members).map(({ id }) => id), streams, firstSeen, nearestKnown: known.here });
  }

  /** Clusters too old to be announced are let go; they stand in the order of their founding. */
  #expire(seq: number): void {
    for (const [cluster, { founded }] of this.#clusters) {
      if (seq - founded <= WITHIN) return;
      this.drop(cluster);
    }
  }

  /** No longer watched, for whatever reason. */
  drop(cluster: number): void {
    if (this.#clusters.delete(cluster)) this.#changed.add(cluster);
  }

  /** These items are members of nothing any more. */
  forget(seqs: ReadonlySet<number>): void {
    for (const [key, watched] of this.#clusters) {
      const members = watched.members.filter(({ seq }) => !seqs.has(seq));
      if (members.length === watched.members.length) continue;
      this.#clusters.set(key, { ...watched, members });
      this.#changed.add(key);
    }
  }

  /** Of a member; null where it is none. */
  embedding(seq: number): Float32Array | null {
    for (const { members } of this.#clusters.values()) for (const member of members) if (member.seq === seq) return member.embedding;
    return null;
  }

  /** Items whose embeddings a restore would ask for. */
  *needed(): Iterable<number> {
    for (const { members } of this.#clusters.values()) for (const { seq } of members) yield seq;
  }

  *takeChanges(): Iterable<Change> {
    for (const key of this.#changed) {
      const watched = this.#clusters.get(key);
      yield { kind: 'watch', key, value: watched === undefined ? null : pack(watched) };
    }
    this.#changed.clear();
  }

  restoreRow(key: number, value: Uint8Array, embeddingOf: (seq: number) => Float32Array): void {
    const from = new Unpacker(value);
    const founded = from.f64();
    const count = from.f64();
    const members: Member[] = [];
    for (let i = 0; i < count; i++) {
      const seq = from.f64();
      members.push({ seq, id: from.text(), stream: from.text(), embedding: embeddingOf(seq) });
    }
    // Earlier versions kept no time.
    const time = from.ended ? NaN : from.f64();
    this.#clusters.set(key, { founded, time: Number.isNaN(time) ? null : time, members });
  }
}

function pack({ founded, time, members }: Watched): Uint8Array {
  const out = new Packer().f64(founded, members.length);
  for (const { seq, id, stream } of members) out.f64(seq).text(id).text(stream);
  return out.f64(time ?? NaN).done();
}

function similarity(a: Float32Array, b: Float32Array): number {
  return dot(a, 0, b, 0, a.length);
}

/** Mean similarity of two different members. */
function coherence(members: readonly Member[]): number {
  let sum = 0;
  members.forEach((a, i) => members.slice(0, i).forEach((b) => (sum += similarity(a.embedding, b.embedding))));
  return sum / ((members.length * (members.length - 1)) / 2);
}

/** Members by their summed similarity to the others, largest first; ties by seq. */
function centralFirst(members: readonly Member[]): readonly Member[] {
  const centrality = (a: Member): number => members.reduce((sum, b) => sum + similarity(a.embedding, b.embedding), 0);
  return members.map((member) => ({ member, value: centrality(member) })).sort((a, b) => b.value - a.value || a.member.seq - b.member.seq).map(({ member }) => member);
}
