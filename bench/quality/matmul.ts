/** Products of float32 matrices by the ONNX runtime, an order of magnitude faster than loops here. Its model is one Gemm node, written byte by byte (onnx.proto3). */
import { InferenceSession, Tensor } from 'onnxruntime-node';

export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

export type Product = (a: Matrix, b: Matrix) => Promise<Matrix>;

/** @param transposed whether `a` (1) or `b` (2) is taken transposed, or neither (0) */
export async function product(transposed: 0 | 1 | 2): Promise<Product> {
  const session = await InferenceSession.create(gemm(transposed), { intraOpNumThreads: 1, interOpNumThreads: 1 });
  return async (a, b) => {
    const result = (await session.run({ a: tensor(a), b: tensor(b) }))['c'];
    if (!(result?.data instanceof Float32Array)) throw new Error('the product is no matrix of float32');
    return { data: result.data, rows: transposed === 1 ? a.columns : a.rows, columns: transposed === 2 ? b.rows : b.columns };
  };
}

function tensor({ data, rows, columns }: Matrix): Tensor {
  return new Tensor('float32', data, [rows, columns]);
}

type Field = readonly [number: number, value: number | string | Uint8Array];

function gemm(transposed: 0 | 1 | 2): Uint8Array {
  const flag = (name: string, value: number): Field => [5, message([1, name], [3, value], [20, 2])];
  const node = message([1, 'a'], [1, 'b'], [2, 'c'], [4, 'Gemm'], flag('transA', transposed === 1 ? 1 : 0), flag('transB', transposed === 2 ? 1 : 0));
  const value = (name: string): Uint8Array => {
    const sides = ['r', 's'].map((side): Field => [1, message([2, name + side])]);
    return message([1, name], [2, message([1, message([1, 1], [2, message(...sides)])])]);
  };
  const graph = message([1, node], [2, 'product'], [11, value('a')], [11, value('b')], [12, value('c')]);
  return message([1, 8], [8, message([1, ''], [2, 13])], [7, graph]);
}

/** Protocol buffers: numbers as varints, the rest by length. */
function message(...fields: readonly Field[]): Uint8Array {
  return Buffer.concat(
    fields.map(([number, content]) => {
      if (typeof content === 'number') return Buffer.from([...varint(number << 3), ...varint(content)]);
      const bytes = Buffer.from(content);
      return Buffer.concat([Buffer.from([...varint((number << 3) | 2), ...varint(bytes.length)]), bytes]);
    }),
  );
}

function varint(n: number): number[] {
  return n < 128 ? [n] : [(n & 127) | 128, ...varint(n >>> 7)];
}
