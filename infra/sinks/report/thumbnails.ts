/** Which pictures go into the file: those that sections show, then a sample for the map, as far as the room goes. */
import type { Reader } from '../../store/types.ts';
import { hash01 } from './projection/vectors.ts';
import type { RaisedAlert } from './context.ts';
import { type ClusterCount, clustersToShow, membersToShow } from './tally/clusters.ts';
import type { Collected } from './tally/collect.ts';

const MOST_PICTURES = 4000;
const SALT = 31;

/**
 * The pictures that find room, in order of what matters; as base64, by rising seq.
 * @param room bytes of base64 text
 */
export async function choosePictures(reader: Reader, wanted: Iterable<number>, room: number): Promise<ReadonlyMap<number, string>> {
  const order = firstOf(wanted, MOST_PICTURES, (seq) => reader.pictured(seq));
  const pictures = new Map<number, string>();
  for await (const { seq, jpeg } of reader.thumbnails(order)) pictures.set(seq, Buffer.from(jpeg).toString('base64'));
  const chosen: [number, string][] = [];
  let left = room;
  for (const seq of order) {
    const picture = pictures.get(seq);
    if (picture === undefined) continue;
    left -= picture.length + 16;
    // What comes first matters most: at the first that finds no room it ends, so that no large picture is passed over for small ones.
    if (left < 0) break;
    chosen.push([seq, picture]);
  }
  return new Map(chosen.sort((a, b) => a[0] - b[0]));
}

function firstOf(wanted: Iterable<number>, most: number, pictured: (seq: number) => boolean): number[] {
  const first = new Set<number>();
  for (const seq of wanted) {
    if (first.size === most) break;
    if (pictured(seq)) first.add(seq);
  }
  return [...first];
}

/** Seqs in order of what matters: what the sections show first, then the map's sample. */
export function* wantedPictures(collected: Collected, neighbours: ReadonlyMap<number, { readonly seq: number }>, alerts: readonly RaisedAlert[]): Generator<number> {
  for (const { exemplars } of alerts) for (const { seq } of exemplars) yield seq;
  for (const { seq } of collected.suspects.list()) {
    yield seq;
    const nearest = neighbours.get(seq);
    if (nearest !== undefined) yield nearest.seq;
  }
  for (const { seq } of collected.boxes.shown()) yield seq;
  for (const cluster of clustersToShow(collected.clusters)) for (const { seq } of membersToShow(cluster)) yield seq;
  yield* sampleForMap(collected);
}

/** Everything in a weighted random order: kept, suspicious and rare ones come sooner. */
function sampleForMap({ points, clusters }: Collected): Uint32Array {
  const seen = new Map(clusters.map((cluster: ClusterCount) => [cluster.id, cluster.seen]));
  const keys = new Float64Array(points.length);
  for (let i = 0; i < points.length; i++) {
    const flags = points.flags.at(i);
    const weight = ((flags & 1) === 1 ? 4 : 1) * ((flags & 2) === 2 ? 4 : 1) * (1 + 8 / (seen.get(points.cluster.at(i)) ?? 1));
    keys[i] = -Math.log(hash01(points.seq.at(i), SALT) + 1e-12) / weight;
  }
  const order = Uint32Array.from({ length: points.length }, (_, i) => i).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
  return order.map((i) => points.seq.at(i));
}
