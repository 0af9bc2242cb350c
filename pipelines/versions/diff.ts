/** What two versions of a data set differ in. */
import { openReader } from '../../infra/store/reader.ts';
import type { Reader, StoredDecision } from '../../infra/store/types.ts';
import { hash32 } from '../../operators/state/hash.ts';
import { classesOf, type Label } from '../../schemas/sample.ts';
import { closing } from '../closing.ts';
import { nearestOf } from '../redecide/coverage.ts';
import type { Place } from './places.ts';

/** Items of one side alone whose nearest one on the other side is looked for, at most. */
const PROBED = 2000;

interface Side {
  readonly admitted: number;
  /** Items of the version that were forgotten since, and are left out here. */
  readonly forgotten: number;
}

/** How well one side covers the other. */
export interface Cover {
  /** Part of the items of the one that have a near item on the other, itself included; from a draw of those that the other does not have. */
  readonly share: number;
  /** Similarity of those that the other does not have to its nearest item, on average; null where it has all. */
  readonly mean: number | null;
}

export interface Diff {
  readonly a: Side;
  readonly b: Side;
  /** Ids of b that a does not have. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** The same picture under another id. */
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
  readonly relabelled: readonly { readonly id: string; readonly from: Label; readonly to: Label }[];
  /** Items that show each class, the greatest differences first. */
  readonly classes: readonly { readonly class: string; readonly a: number; readonly b: number }[];
  /** Similarity from which an item counts as near. */
  readonly near: number;
  /** How well a covers b, and b a; null where their embeddings are of different models, or a side is empty. */
  readonly coverage: { readonly aOfB: Cover; readonly bOfA: Cover } | null;
}

type Item = Pick<StoredDecision, 'seq' | 'id' | 'label' | 'digest'>;

interface Opened {
  readonly reader: Reader;
  readonly forgotten: number;
  readonly model: string;
  readonly items: ReadonlyMap<string, Item>;
}

/** @throws SluiceError SLUICE_E_NOT_FOUND where there is no such folder or version */
export function diffOf(places: readonly [Place, Place], near: number): Promise<Diff> {
  return closing(async (later) => {
    const open = ({ dir, version }: Place): Opened => {
      const folder = openReader(dir);
      later(() => folder.close());
      const held = version === null ? null : folder.asOf(version);
      const reader = held ?? folder;
      const items = new Map<string, Item>();
      for (const { seq, id, label, digest } of reader.decisions('admit')) items.set(id, { seq, id, label, digest });
      return { reader, items, forgotten: held?.forgotten ?? 0, model: reader.runs().at(-1)?.config.model ?? '' };
    };
    const [a, b] = [open(places[0]), open(places[1])];
    const { pairs, added, removed } = paired(a.items, b.items);
    const comparable = a.model === b.model && a.items.size > 0 && b.items.size > 0;
    return {
      a: { admitted: a.items.size, forgotten: a.forgotten },
      b: { admitted: b.items.size, forgotten: b.forgotten },
      added: added.map(({ id }) => id),
      removed: removed.map(({ id }) => id),
      renamed: pairs.filter(([from, to]) => from.id !== to.id).map(([from, to]) => ({ from: from.id, to: to.id })),
      relabelled: pairs.filter(([from, to]) => JSON.stringify(from.label) !== JSON.stringify(to.label)).map(([from, to]) => ({ id: to.id, from: from.label, to: to.label })),
      classes: classRows(a.items, b.items),
      near,
      coverage: comparable ? { aOfB: await cover(a, b, added, near), bOfA: await cover(b, a, removed, near) } : null,
    };
  });
}

/** Items are the same by id; what is left over by its bytes. */
function paired(a: ReadonlyMap<string, Item>, b: ReadonlyMap<string, Item>): { readonly pairs: readonly (readonly [Item, Item])[]; readonly added: readonly Item[]; readonly removed: readonly Item[] } {
  const pairs: (readonly [Item, Item])[] = [];
  const left = new Map<string, Item>();
  for (const item of a.values()) {
    const other = b.get(item.id);
    if (other === undefined) left.set(item.digest, item);
    else pairs.push([item, other]);
  }
  const added: Item[] = [];
  for (const item of b.values()) {
    if (a.has(item.id)) continue;
    const other = left.get(item.digest);
    if (other === undefined) added.push(item);
    else pairs.push([other, item]);
    left.delete(item.digest);
  }
  const kept = new Set(pairs.map(([from]) => from.id));
  return { pairs, added, removed: [...a.values()].filter(({ id }) => !kept.has(id)) };
}

function classRows(a: ReadonlyMap<string, Item>, b: ReadonlyMap<string, Item>): Diff['classes'] {
  const counts = new Map<string, { a: number; b: number }>();
  for (const [side, items] of [['a', a], ['b', b]] as const) {
    for (const { label } of items.values()) {
      for (const name of classesOf(label) ?? []) {
        const row = counts.get(name) ?? { a: 0, b: 0 };
        row[side] += 1;
        counts.set(name, row);
      }
    }
  }
  const rows = [...counts].map(([name, row]) => ({ class: name, ...row }));
  return rows.sort((x, y) => Math.abs(y.b - y.a) - Math.abs(x.b - x.a) || (x.class < y.class ? -1 : 1));
}

/** @param lacking items of `of` that `by` does not have */
async function cover(by: Opened, of: Opened, lacking: readonly Item[], near: number): Promise<Cover> {
  const probes = [...lacking].sort((x, y) => hash32(0, x.id) - hash32(0, y.id) || x.seq - y.seq).slice(0, PROBED);
  if (probes.length === 0) return { share: 1, mean: null };
  const dimension = of.reader.embedding(probes[0]?.seq ?? 0).length;
  function* rows(): Generator<Float32Array> {
    for (const { seq } of by.items.values()) yield by.reader.embedding(seq);
  }
  const found = await nearestOf(dimension, rows(), probes.map(({ seq }) => of.reader.embedding(seq)));
  const part = found.filter((similarity) => similarity >= near).length / found.length;
  return { share: (of.items.size - lacking.length + part * lacking.length) / of.items.size, mean: found.reduce((sum, each) => sum + each, 0) / found.length };
}
