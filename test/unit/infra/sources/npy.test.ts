import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readNpy } from '../../../../infra/sources/npy.ts';
import { newFolder, newPlace } from '../../../support/folders.ts';

/** As numpy.save writes it. */
function npy(descr: string, shape: string, data: ArrayBufferView, fortran = 'False', version = 1): string {
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(text.length);
  else length.writeUInt32LE(text.length);
  const file = join(newFolder(), 'x.npy');
  writeFileSync(file, Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Buffer.from([version, 0]), length, Buffer.from(text), Buffer.from(data.buffer)]));
  return file;
}

const six = Float32Array.of(1, 2, 3, 4, 5, 6.5);

describe('vectors in a NumPy file', () => {
  test('floats of 32 and 64 bits, one row and several, both lengths of header', () => {
    expect(readNpy(npy('<f4', '(2, 3)', six), 3)).toEqual([six.slice(0, 3), six.slice(3)]);
    expect(readNpy(npy('<f8', '(2, 3)', Float64Array.from(six), 'False', 2), 3)).toEqual([six.slice(0, 3), six.slice(3)]);
    expect(readNpy(npy('<f4', '(6,)', six), 6)).toEqual([six]);
  });

  test.for([
    [npy('<f4', '(3, 2)', six), 'is of shape (3, 2), not (n, 3)'],
    [npy('<f4', '(4, 3)', six), 'is cut short'],
    [npy('>f4', '(2, 3)', six), 'holds no little-endian floats'],
    [npy('<f4', '(2, 3)', six, 'True'), 'is in Fortran order'],
    [newPlace(), 'could not be read (ENOENT)'],
    [newFolder(), 'is no regular file'],
  ])('%s is refused: %s', ([file = '', why = '']) => {
    expect(() => readNpy(file, 3)).toThrow(expect.objectContaining({ code: 'SLUICE_E_CONFIG_INVALID', message: expect.stringContaining(why) as string }) as Error);
  });

  test('what is no NumPy file is refused', () => {
    const file = join(newFolder(), 'x.npy');
    writeFileSync(file, 'hello, this is text');
    expect(() => readNpy(file, 3)).toThrow('is no .npy file');
  });
});
