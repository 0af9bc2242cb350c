/** CRC-32C (Castagnoli), eight bytes at a time: "slicing by 8" (Kounavis and Berry, A systematic approach to building high performance software-based CRC generators, 2005). */

const POLYNOMIAL = 0x82f63b78;
const SLICES = 8;
/** Row s holds what a byte adds that stands s bytes before the end of the eight. */
const TABLE = new Int32Array(SLICES * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  TABLE[byte] = crc;
}
for (let i = 256; i < TABLE.length; i++) {
  const before = TABLE[i - 256] as number;
  TABLE[i] = (TABLE[before & 255] as number) ^ (before >>> 8);
}

/** Of the bytes from `from` to the end, unsigned. */
export function crc32c(bytes: Uint8Array, from = 0): number {
  const whole = bytes.length - ((bytes.length - from) % SLICES);
  let crc = -1;
  let at = from;
  // The indices stay inside the table and the bytes; `as number` costs nothing at run time.
  for (; at < whole; at += SLICES) {
    crc ^= (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
    crc =
      (TABLE[1792 + (crc & 255)] as number) ^
      (TABLE[1536 + ((crc >>> 8) & 255)] as number) ^
      (TABLE[1280 + ((crc >>> 16) & 255)] as number) ^
      (TABLE[1024 + (crc >>> 24)] as number) ^
      (TABLE[768 + (bytes[at + 4] as number)] as number) ^
      (TABLE[512 + (bytes[at + 5] as number)] as number) ^
      (TABLE[256 + (bytes[at + 6] as number)] as number) ^
      (TABLE[bytes[at + 7] as number] as number);
  }
  for (; at < bytes.length; at++) crc = (TABLE[(crc ^ (bytes[at] as number)) & 255] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}
