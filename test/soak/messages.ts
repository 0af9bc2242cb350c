/** Small samples: each a picture of a few pixels of its own. */
import { crc32, deflateSync } from 'node:zlib';
import { hash32 } from '../../operators/state/hash.ts';

const SIDE = 4;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A PNG of 4 x 4 pixels that the number decides. */
export function picture(n: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  // Eight bits each of red, green and blue.
  header.set([8, 2], 8);
  const rows = Buffer.alloc(SIDE * (1 + 3 * SIDE));
  for (let i = 0; i < rows.length; i++) rows[i] = i % (1 + 3 * SIDE) === 0 ? 0 : hash32(n, String(i)) & 0xff;
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
