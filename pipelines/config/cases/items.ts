/** Items of a config test, as they are when they have been embedded. */
import type { Embedded } from '../../../operators/items.ts';
import { uniform } from '../../../operators/state/hash.ts';
import { dot } from '../../../operators/state/vectors.ts';
import type { Label } from '../../../schemas/sample.ts';
import { type CaseItem, DIMENSION, idsOf } from './spec.ts';

interface Picture {
  readonly digest: string;
  readonly embedding: Float32Array;
}

/** One for each item and repetition, in order, with the item it was made from. */
export function* embeddedItems(items: readonly CaseItem[]): Generator<{ readonly item: CaseItem; readonly embedded: Embedded }> {
  const pictures = new Map<string, Picture>();
  let seq = 0;
  for (const item of items) {
    for (const id of idsOf(item.id, item.repeat)) {
      const picture = pictureOf(id, item, pictures);
      pictures.set(id, picture);
      const sample = { id, uri: `test:${id}`, stream: item.stream, time: item.time ?? null, label: labelOf(item), origin: null };
      yield { item, embedded: { seq: seq++, sample, quality: { ...item.quality, width: 640, height: 480 }, small: new Uint8Array(), objects: [], ...picture } };
    }
  }
}

function labelOf({ label }: CaseItem): Label {
  if (label === undefined || typeof label === 'string') return label ?? null;
  return label.map((name) => ({ class: name, bbox: [0, 0, 1, 1], relative: true }));
}

function pictureOf(id: string, { embedding, like, similarity, copy_of }: CaseItem, pictures: ReadonlyMap<string, Picture>): Picture {
  const copied = copy_of === undefined ? undefined : pictures.get(copy_of);
  if (copied !== undefined) return copied;
  const other = like === undefined ? undefined : pictures.get(like);
  const own = direction(id);
  if (other !== undefined) return { digest: id, embedding: at(other.embedding, own, similarity ?? 1) };
  return { digest: id, embedding: embedding === undefined ? unit(own) : unit(Float64Array.from({ length: DIMENSION }, (_, i) => embedding[i] ?? 0)) };
}

/** A unit vector with this inner product with `towards`. @param own where it leads otherwise */
function at(towards: Float32Array, own: Float64Array, similarity: number): Float32Array {
  const along = dot(Float32Array.from(own), 0, towards, 0, DIMENSION);
  const across = unit(own.map((value, i) => value - along * (towards[i] ?? 0)));
  const rest = Math.sqrt(Math.max(0, 1 - similarity ** 2));
  return Float32Array.from(towards, (value, i) => similarity * value + rest * (across[i] ?? 0));
}

/** The same for an id in every run. */
function direction(id: string): Float64Array {
  return Float64Array.from({ length: DIMENSION }, (_, i) => Math.sqrt(-2 * Math.log(uniform(0, `${id} ${i}`))) * Math.cos(2 * Math.PI * uniform(1, `${id} ${i}`)));
}

function unit(x: Float64Array): Float32Array {
  const norm = Math.hypot(...x);
  return Float32Array.from(x, (value) => value / norm);
}
