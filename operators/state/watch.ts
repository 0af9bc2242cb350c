/**
 * Watches clusters in the outlier tier: who belongs to them, so that a confirmed one can be announced with exemplars.
 * A cluster founded after the warm-up, confirmed soon and from the 1,000th item on, and unlike all confirmed ones, is novel.
 */
import type { Alert, Change } from '../../schemas/decision.ts';
import type { Joined } from './clusters.ts';
import { Packer, Unpacker } from './codec.ts';
import { dot } from './vectors.ts';

/** Items after which what is founded counts as new. */
const WARM_UP = 500;
/** A cluster that took longer than this many items to be confirmed is rare, but nothing that begins to show up. */
const WITHIN = 500;
/** As similar as this to a confirmed cluster, it is a variant of what is known. */
const KNOWN = 0.45;
/** First seq that may raise a `novel` alert. */
const FROM_SEQ = 1000;
/** Members kept for each outlier cluster. */
const MEMBERS = 12;
const LEAST_EXEMPLARS = 3;

interface Member {
  readonly seq: number;
  readonly id: string;
  readonly stream: string;
  readonly embedding: Float32Array;
}

/** A watched cluster: the seq of its first member, and its last ones. */
interface Watched {
  readonly founded: number;
  readonly members: readonly Member[];
}

export class Watch {
  readonly #clusters = new Map<number, Watched>();
  readonly #changed = new Set<number>();

  /** A further member of an outlier cluster, or of one that this member has just confirmed. */
  add(cluster: number, member: Member): void {
    const { founded, members } = this.#clusters.get(cluster) ?? { founded: member.seq, members: [] };
    this.#clusters.set(cluster, { founded, members: [...members, member].slice(-MEMBERS) });
    this.#changed.add(cluster);
  }

  /** The cluster has been confirmed: it is no longer watched. @returns the alert, if it is novel */
  confirmed({ cluster: { id: cluster, weight: support }, known }: Joined, time: number | null): Alert | null {
    const { founded, members } = this.#clusters.get(cluster) ?? { founded: 0, members: [] };
    this.drop(cluster);
    const last = members.at(-1);
    if (last === undefined || founded < WARM_UP || last.seq < FROM_SEQ || members.length < LEAST_EXEMPLARS) return null;
    if (last.seq - founded > WITHIN || known > KNOWN) return null;
    return {
      kind: 'novel',
      cluster,
      time,
      seq: last.seq,
      support,
      exemplars: centralFirst(members).map(({ id }) => id),
      streams: [...new Set(members.map(({ stream }) => stream))].sort(),
    };
  }

  /** No longer watched, for whatever reason. */
  drop(cluster: number): void {
    if (this.#clusters.delete(cluster)) this.#changed.add(cluster);
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
    this.#clusters.set(key, { founded, members });
  }
}

function pack({ founded, members }: Watched): Uint8Array {
  const out = new Packer().f64(founded, members.length);
  for (const { seq, id, stream } of members) out.f64(seq).text(id).text(stream);
  return out.done();
}

/** Members by their summed similarity to the others, largest first; ties by seq. */
function centralFirst(members: readonly Member[]): readonly Member[] {
  const centrality = (a: Member): number => members.reduce((sum, b) => sum + dot(a.embedding, 0, b.embedding, 0, a.embedding.length), 0);
  return members.map((member) => ({ member, value: centrality(member) })).sort((a, b) => b.value - a.value || a.member.seq - b.member.seq).map(({ member }) => member);
}
