import { SluiceError } from '../../schemas/errors.ts';

const FIRST = 64 * 2 ** 10;

/**
 * All bytes of a body, counted as they come. They are copied as they come too: a body in pieces of one byte would else hold a hundred times its size.
 * @param size known in advance; else null
 * @throws SluiceError SLUICE_E_IMAGE_TOO_LARGE as soon as there are more than `limit`; SLUICE_E_IMAGE_EMPTY
 */
export async function collect(pieces: AsyncIterable<Uint8Array>, size: number | null, limit: number, heard: () => void): Promise<Buffer> {
  let bytes = Buffer.allocUnsafeSlow(Math.min(limit, size ?? FIRST));
  let length = 0;
  for await (const piece of pieces) {
    heard();
    const needed = length + piece.length;
    if (needed > limit) throw new SluiceError('SLUICE_E_IMAGE_TOO_LARGE', `the object is over the limit of ${limit} bytes${size === null ? ' for one that does not tell its length' : ''}`);
    if (needed > bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(limit, Math.max(needed, 2 * bytes.length)));
      larger.set(bytes.subarray(0, length));
      bytes = larger;
    }
    bytes.set(piece, length);
    length = needed;
  }
  if (length === 0) throw new SluiceError('SLUICE_E_IMAGE_EMPTY', 'the object holds no bytes');
  return bytes.subarray(0, length);
}
