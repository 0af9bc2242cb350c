/** Vectors in records: little-endian float32, as every machine that Sluice runs on has them in memory. */
import { SluiceError } from './errors.ts';

/** The vector's own memory, not a copy. */
export function vectorBytes(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}

/** A copy: bytes of a message lie at any address, float32 only at multiples of four. @throws SluiceError SLUICE_E_RECORD_CORRUPT */
export function vectorOf(bytes: Buffer): Float32Array {
  if (bytes.length % 4 !== 0) throw new SluiceError('SLUICE_E_RECORD_CORRUPT', `a vector of ${bytes.length} bytes is none of float32`);
  const vector = new Float32Array(bytes.length / 4);
  bytes.copy(vectorBytes(vector));
  return vector;
}
