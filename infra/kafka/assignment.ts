/**
 * Which member of a consumer group owns which partitions. Partition p of every input topic goes to one member, since p is the unit of state; a member keeps
 * what it owns as far as the numbers stay even, since taking a partition over means to restore its state.
 */
import type { PartitionAssigner } from 'kafkajs';
import { AssignerProtocol } from './kafkajs.ts';

export interface Member {
  readonly id: string;
  /** Partitions whose state it holds. */
  readonly owned: readonly number[];
}

/** Evenly, as many as possible where they are; the same for any order of members. @returns partitions by member, in order */
export function assignPartitions(members: readonly Member[], partitions: number): ReadonlyMap<string, readonly number[]> {
  const sorted = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
  const assigned = new Map<string, number[]>(sorted.map(({ id }) => [id, []]));
  if (sorted.length === 0) return assigned;
  const least = Math.floor(partitions / sorted.length);
  let larger = partitions % sorted.length;
  const free = new Set(Array.from({ length: partitions }, (_, p) => p));
  // Who holds the most has the first claim to one more than the others.
  for (const { id, owned } of [...sorted].sort((a, b) => b.owned.length - a.owned.length)) {
    const own = assigned.get(id) ?? [];
    const claims = [...owned].sort((a, b) => a - b).filter((p) => free.has(p));
    const most = claims.length > least && larger > 0 ? least + 1 : least;
    if (most > least) larger -= 1;
    for (const p of claims.slice(0, most)) {
      own.push(p);
      free.delete(p);
    }
  }
  for (const p of free) {
    const [poorest] = [...assigned.values()].sort((a, b) => a.length - b.length);
    poorest?.push(p);
  }
  for (const own of assigned.values()) own.sort((a, b) => a - b);
  return assigned;
}

const NAME = 'sluice-partitions';
const VERSION = 0;

/** @param owned the partitions this process holds the state of */
export function partitionAssigner(owned: () => readonly number[]): PartitionAssigner {
  return ({ cluster }) => ({
    name: NAME,
    version: VERSION,
    async assign({ members, topics }) {
      const counts = topics.map((topic) => cluster.findTopicPartitionMetadata(topic).length);
      const known = members.map(({ memberId, memberMetadata }) => ({ id: memberId, owned: ownedIn(memberMetadata) }));
      // Counts are equal, which is checked at start; a topic that grows meanwhile is caught by that check in the next process.
      const assigned = assignPartitions(known, Math.min(...counts));
      return [...assigned].map(([memberId, partitions]) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({ version: VERSION, assignment: Object.fromEntries(topics.map((topic) => [topic, [...partitions]])), userData: Buffer.alloc(0) }),
      }));
    },
    protocol: ({ topics }) => ({ name: NAME, metadata: AssignerProtocol.MemberMetadata.encode({ version: VERSION, topics, userData: Buffer.from(JSON.stringify(owned())) }) }),
  });
}

function ownedIn(metadata: Buffer): readonly number[] {
  const userData = AssignerProtocol.MemberMetadata.decode(metadata)?.userData;
  try {
    const value: unknown = JSON.parse(userData?.toString() ?? '');
    return Array.isArray(value) ? value.filter((p): p is number => Number.isInteger(p)) : [];
  } catch {
    return [];
  }
}
