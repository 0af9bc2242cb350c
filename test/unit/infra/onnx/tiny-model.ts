/** Tiny ONNX models, written byte by byte (onnx.proto3), to see what is made of a model that is not ours. */

type Field = readonly [number: number, value: number | string | Uint8Array];

export interface TinyModel {
  readonly input?: string;
  readonly output?: string;
  /** 2: numbers a picture = 3, the mean of each channel; 1: one side is left. */
  readonly averaged?: 1 | 2;
  readonly type?: 'uint8' | 'float32' | 'int64';
  /** Of the input; a text is an open size. */
  readonly shape?: readonly (number | string)[];
}

const TYPES = { uint8: 2, float32: 1, int64: 7 };

/** The input, cast to float32, and its mean over the two sides: [n, 3] */
export function tinyModel({ input = 'pixels', output = 'embedding', averaged = 2, type = 'uint8', shape = ['n', 224, 224, 3] }: TinyModel = {}): Uint8Array {
  const cast = message([1, input], [2, 'f'], [4, 'Cast'], [5, message([1, 'to'], [3, 1], [20, 2])]);
  const first = shape[1] === 3 ? 2 : 1;
  const axes = Array.from({ length: averaged }, (_, i): Field => [8, i + first]);
  const mean = message([1, 'f'], [2, output], [4, 'ReduceMean'], [5, message([1, 'axes'], ...axes, [20, 7])], [5, message([1, 'keepdims'], [3, 0], [20, 2])]);
  const [n = 'n', side = 224] = [shape[0], shape[2]];
  const graph = message([1, cast], [1, mean], [2, 'tiny'], [11, value(input, TYPES[type], shape)], [12, value(output, 1, averaged === 2 ? [n, 3] : [n, side, 3])]);
  return message([1, 8], [8, message([1, ''], [2, 13])], [7, graph]);
}

function value(name: string, type: number, shape: readonly (number | string)[]): Uint8Array {
  const dimensions = shape.map((size): Field => [1, message(typeof size === 'number' ? [1, size] : [2, size])]);
  return message([1, name], [2, message([1, message([1, type], [2, message(...dimensions)])])]);
}

/** Protocol buffers: numbers as varints, the rest by length. */
function message(...fields: readonly Field[]): Uint8Array {
  return Buffer.concat(
    fields.map(([number, content]) => {
      if (typeof content === 'number') return Buffer.concat([varint(number << 3), varint(content)]);
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
    }),
  );
}

function varint(n: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = n; ; rest >>>= 7) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest & 127) | 128);
  }
}
