/** What a user says of an embedding model, and how that and the model itself become numbers to feed it with. */

/** What is left out is taken from the model where it says it. */
export interface ModelDescription {
  /** The ONNX file. */
  readonly file: string;
  /** Name of the tensor of pictures; by default the only one. */
  readonly input?: string | undefined;
  /** Name of the tensor of embeddings, [n, d]; by default `embedding`, or the only one. */
  readonly output?: string | undefined;
  /** Side of the square, in pixels. */
  readonly size?: number | undefined;
  readonly layout?: 'nhwc' | 'nchw' | undefined;
  readonly channels?: 'rgb' | 'bgr' | undefined;
  /** Of channels in 0..1, in the model's order, before they are divided by `std`. Of a model of floats both must be said. */
  readonly mean?: readonly number[] | undefined;
  readonly std?: readonly number[] | undefined;
}

/** What the runtime says of a tensor: names stand for sizes that are open. */
export interface TensorFacts {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** How pictures go into the model. */
export interface Feed {
  readonly input: string;
  readonly output: string;
  readonly size: number;
  readonly layout: 'nhwc' | 'nchw';
  readonly bgr: boolean;
  /** Value of each channel, in the model's order, for each of 256 levels; null: the levels themselves, as bytes. */
  readonly levels: readonly Float32Array[] | null;
  /** Pictures in one call; null: any number. */
  readonly batch: number | null;
}

const LAYOUTS = ['nhwc', 'nchw'] as const;

/** A model that does not fit, with what it expects. */
export class Misfit extends Error {
  override readonly name = 'Misfit';
}

export function feedOf(description: Omit<ModelDescription, 'file'>, inputs: readonly TensorFacts[], outputs: readonly TensorFacts[]): Feed {
  const input = chosen('input', description.input, inputs, (facts) => facts.shape.length === 4);
  const output = chosen('output', description.output ?? outputs.find(({ name }) => name === 'embedding')?.name, outputs, ({ shape }) => shape.length === 2 || shape.length === 4);
  const told = `its input "${input.name}" is ${input.type} [${input.shape.join(', ')}]`;
  if (input.shape.length !== 4) throw new Misfit(`${told}, and pictures are [n, height, width, 3] or [n, 3, height, width]`);
  if (input.type !== 'uint8' && input.type !== 'float32') throw new Misfit(`${told}; uint8 and float32 can be fed`);
  const [n, ...sides] = input.shape;
  const channelsOf = (layout: Feed['layout']): number | string | undefined => sides[layout === 'nhwc' ? 2 : 0];
  const layouts = LAYOUTS.filter((each) => fits(channelsOf(each), 3));
  const plain = LAYOUTS.filter((each) => channelsOf(each) === 3);
  const [likely, ...more] = plain.length > 0 ? plain : layouts;
  const layout = description.layout ?? (more.length === 0 ? likely : undefined);
  if (layouts.length === 0) throw new Misfit(`${told}, without a side of 3 channels`);
  if (layout === undefined) throw new Misfit(`${told}, which does not tell where the channels are: describe it with "layout"`);
  if (!layouts.includes(layout)) throw new Misfit(`${told}, which is not ${layout}`);
  const [height, width] = layout === 'nhwc' ? [sides[0], sides[1]] : [sides[1], sides[2]];
  const size = description.size ?? (typeof height === 'number' ? height : typeof width === 'number' ? width : undefined);
  if (size === undefined) throw new Misfit(`${told}, of any size: describe it with "size"`);
  if (!fits(height, size) || !fits(width, size)) throw new Misfit(`${told}, and squares of ${size} do not fit`);
  return { input: input.name, output: output.name, size, layout, bgr: description.channels === 'bgr', levels: levelsOf(description, input.type, told), batch: typeof n === 'number' ? n : null };
}

function fits(side: number | string | undefined, size: number): boolean {
  return typeof side !== 'number' || side === size;
}

function chosen(what: string, name: string | undefined, all: readonly TensorFacts[], likely: (facts: TensorFacts) => boolean): TensorFacts {
  const candidates = all.filter(likely);
  const found = name === undefined ? (candidates.length === 1 ? candidates[0] : undefined) : all.find((facts) => facts.name === name);
  if (found !== undefined) return found;
  const there = all.map((facts) => `"${facts.name}" ${facts.type} [${facts.shape.join(', ')}]`).join(', ');
  throw new Misfit(name === undefined ? `it has the ${what}s ${there}: describe which it is with "${what}"` : `it has no ${what} "${name}", but ${there}`);
}

function levelsOf({ mean, std }: Omit<ModelDescription, 'file'>, type: string, told: string): Feed['levels'] {
  if (type === 'uint8') {
    if (mean !== undefined || std !== undefined) throw new Misfit(`${told}: bytes as they are, without "mean" and "std"`);
    return null;
  }
  if (mean === undefined || std === undefined) throw new Misfit(`${told}, and does not tell how pictures are scaled: describe it with "mean" and "std", of channels in 0..1`);
  return [0, 1, 2].map((channel) => Float32Array.from({ length: 256 }, (_, level) => (level / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1)));
}

/** The values of pictures, in the model's order. @param pixels RGB, 0..255, [n, size, size, 3] */
export function fed(pixels: Uint8Array, { size, layout, bgr, levels }: Feed): Uint8Array | Float32Array<ArrayBuffer> {
  if (levels === null && layout === 'nhwc' && !bgr) return pixels;
  const plane = size * size;
  const values = levels === null ? new Uint8Array(pixels.length) : new Float32Array(pixels.length);
  for (let at = 0; at < pixels.length; at += 3) {
    const [picture, place] = [Math.floor(at / (3 * plane)), (at / 3) % plane];
    for (let channel = 0; channel < 3; channel++) {
      const level = pixels[at + (bgr ? 2 - channel : channel)] as number;
      const to = layout === 'nhwc' ? at + channel : (picture * 3 + channel) * plane + place;
      values[to] = levels === null ? level : (levels[channel]?.[level] as number);
    }
  }
  return values;
}

/** Rows made unit length, where they are not. @throws Misfit where one has no direction */
export function unitRows(rows: Float32Array<ArrayBuffer>, dimension: number): Float32Array<ArrayBuffer> {
  for (let at = 0; at < rows.length; at += dimension) {
    const row = rows.subarray(at, at + dimension);
    let squares = 0;
    for (const value of row) squares += value * value;
    const length = Math.sqrt(squares);
    if (!(length > 1e-12) || !Number.isFinite(length)) throw new Misfit('it gives a picture a vector without direction');
    // A model that does so itself is left as it is, to the bit.
    if (Math.abs(length - 1) > 1e-3) for (let i = 0; i < dimension; i++) row[i] = (row[i] as number) / length;
  }
  return rows;
}
