import { defer, from, map, mergeMap, toArray, type OperatorFunction } from 'rxjs';
import type { Embedded, Failed, Inspected } from './items.ts';
import { isFailed } from './items.ts';
import type { EmbedCall, Embedder } from './ports.ts';
import type { ChosenObject } from './state/objects/choose.ts';

/** Embeds all pictures of its source together that have not brought an embedding along, and the crops of their objects, lets go of the pixels, and hands them on in the order of seq. */
export function embed(embedder: Embedder): OperatorFunction<Inspected | Failed, Embedded | Failed> {
  return (source) =>
    defer(() => {
      const calls = new Calls(embedder);
      return source.pipe(
        map((item) => (isFailed(item) ? item : calls.take(item))),
        toArray(),
        mergeMap((items) => from(calls.embed(items))),
        mergeMap((items) => items.sort((a, b) => a.seq - b.seq)),
      );
    });
}

/** An item whose pixels have been handed in: so many rows of the model's answers from this one on are its own. */
interface HandedIn extends Omit<Embedded, 'embedding' | 'objects' | 'background'> {
  readonly row: number;
  readonly tiles: number;
  /** Their rows follow those of the tiles. */
  readonly chosen: readonly ChosenObject[];
  /** Whether one of the background follows those. */
  readonly beside: boolean;
}

/** The calls of the model for one source. */
class Calls {
  readonly #embedder: Embedder;
  readonly #answers: Promise<Float32Array>[] = [];
  #call: EmbedCall | null = null;
  #rows = 0;

  constructor(embedder: Embedder) {
    this.#embedder = embedder;
  }

  /** Hands the pixels in at once: they were written and inspected just now, and are nowhere as near to the processor later. */
  take({ image, chosen, given, ...arrived }: Inspected): HandedIn | Embedded {
    const { pixels, tiles, digest, crops } = image;
    if (given !== undefined) return { ...arrived, digest, embedding: given, objects: [] };
    const size = pixels.length / tiles;
    const row = this.#rows;
    for (let i = 0; i < tiles; i++) this.#add(pixels.subarray(i * size, (i + 1) * size));
    for (let at = 0; at < crops.length; at += size) this.#add(crops.subarray(at, at + size));
    return { ...arrived, digest, row, tiles, chosen, beside: crops.length > chosen.length * size };
  }

  #add(square: Uint8Array): void {
    this.#call ??= this.#embedder.begin();
    this.#call.add(square);
    this.#rows += 1;
    if (this.#call.full) this.#run(this.#call);
  }

  #run(call: EmbedCall): void {
    this.#call = null;
    const answer = call.run();
    // All are awaited together at the end; one that fails before that is no surprise then.
    answer.catch(() => {});
    this.#answers.push(answer);
  }

  async embed(items: readonly (HandedIn | Embedded | Failed)[]): Promise<(Embedded | Failed)[]> {
    if (this.#call !== null) this.#run(this.#call);
    const d = this.#embedder.dimension;
    const rows = new Float32Array(this.#rows * d);
    let at = 0;
    for (const answer of await Promise.all(this.#answers)) {
      rows.set(answer, at);
      at += answer.length;
    }
    return items.map((item) => {
      if (isFailed(item) || 'embedding' in item) return item;
      const { row, tiles, chosen, beside, ...embedded } = item;
      const first = row + tiles;
      const objects = chosen.map(({ index, class: name, bbox }, i) => ({ index, class: name, bbox, embedding: rows.slice((first + i) * d, (first + i + 1) * d) }));
      const after = first + chosen.length;
      const background = beside ? { background: rows.slice(after * d, (after + 1) * d) } : {};
      return { ...embedded, embedding: meanOfRows(rows.subarray(row * d, first * d), tiles, d), objects, ...background };
    });
  }
}

/** The picture's embedding: that of its one tile, or the unit mean of its tiles'. */
function meanOfRows(rows: Float32Array, tiles: number, d: number): Float32Array {
  if (tiles === 1) return rows.slice();
  const mean = new Float64Array(d);
  for (let i = 0; i < rows.length; i++) mean[i % d] = (mean[i % d] as number) + (rows[i] as number);
  const norm = Math.max(Math.hypot(...mean), 1e-12);
  return Float32Array.from(mean, (value) => value / norm);
}
