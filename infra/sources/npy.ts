/**
 * Vectors in a NumPy file (.npy, format versions 1 to 3): an array of one or two dimensions of 32 or 64 bit floats, in C order.
 * Source: NEP 1, "A Simple File Format for NumPy Arrays".
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { SluiceError } from '../../schemas/errors.ts';
import { readNamed } from './named-file.ts';

const MAGIC = '\x93NUMPY';
const LARGEST = 64 * 2 ** 20;

interface NpyFacts {
  readonly rows: number;
  readonly columns: number;
  /** Bytes of a number. */
  readonly width: number;
  /** Where the rows begin. */
  readonly start: number;
}

/** What the header of a file says, and that the file is as long as that. @param refuse makes the error */
export function npyFacts(file: string, refuse: (why: string) => SluiceError): NpyFacts {
  const handle = openSync(file, 'r');
  try {
    const head = Buffer.alloc(4096 + 12);
    return factsIn(head.subarray(0, readSync(handle, head)), fstatSync(handle).size, refuse);
  } finally {
    closeSync(handle);
  }
}

/** @returns the rows of the array, as they are. @throws SluiceError SLUICE_E_CONFIG_INVALID where it is none, or not of this many columns */
export function readNpy(file: string, columns: number): readonly Float32Array[] {
  const refuse = (why: string): SluiceError => new SluiceError('SLUICE_E_CONFIG_INVALID', `${file} ${why}`);
  const bytes = readNamed(file, file, LARGEST);
  const { rows, columns: found, width, start: end } = factsIn(bytes, bytes.length, refuse);
  if (found !== columns) throw refuse(`is of shape (${rows}, ${found}), not (n, ${columns}) as the embeddings of the model are`);
  const at = (i: number): number => (width === 4 ? bytes.readFloatLE(end + 4 * i) : bytes.readDoubleLE(end + 8 * i));
  return Array.from({ length: rows }, (_, row) => Float32Array.from({ length: columns }, (__, column) => at(row * columns + column)));
}

/** @param bytes the beginning of a file. @param size of the whole file */
function factsIn(bytes: Buffer, size: number, refuse: (why: string) => SluiceError): NpyFacts {
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC || bytes.length < 12) throw refuse('is no .npy file');
  const wide = bytes.readUInt8(6) > 1;
  const start = wide ? 12 : 10;
  const end = start + (wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8));
  const header = bytes.toString('latin1', start, Math.min(end, start + 4096));
  const width = { f4: 4, f8: 8 }[/'descr': *'<(f[48])'/.exec(header)?.[1] ?? ''];
  if (width === undefined) throw refuse('holds no little-endian floats of 32 or 64 bits');
  if (!/'fortran_order': *False/.test(header)) throw refuse('is in Fortran order; C order is wanted');
  const shape = (/'shape': *\(([\d, ]*)\)/.exec(header)?.[1] ?? '').split(',').flatMap((text) => (text.trim() === '' ? [] : [Number(text)]));
  const [rows = 0, columns = 0] = shape.length === 1 ? [1, shape[0]] : shape;
  if (shape.length > 2 || columns === 0) throw refuse(`is of shape (${shape.join(', ')}), not (n, d)`);
  if (size !== end + rows * columns * width) throw refuse(`is cut short or has something behind: ${rows} rows of ${columns} take ${rows * columns * width} bytes, not ${size - end}`);
  return { rows, columns, width, start: end };
}
