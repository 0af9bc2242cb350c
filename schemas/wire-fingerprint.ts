/** CRC-64-AVRO, the 64-bit Rabin fingerprint of the Avro specification ("Schema Fingerprints"). */

const MASK = 0xffn;
/** The fingerprint of nothing; also the polynomial. */
const EMPTY = 0xc15d213aa4d7a795n;

/** What each byte value adds: eight shifts, each taking the polynomial in where a bit falls out. */
const TABLE: readonly bigint[] = Array.from({ length: 256 }, (_, byte) => {
  let entry = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) entry = (entry >> 1n) ^ ((entry & 1n) === 1n ? EMPTY : 0n);
  return entry;
});

/** @param canonical a schema in Parsing Canonical Form. @returns unsigned */
export function crc64Avro(canonical: string): bigint {
  let fingerprint = EMPTY;
  for (const byte of Buffer.from(canonical)) fingerprint = (fingerprint >> 8n) ^ (TABLE[Number((fingerprint ^ BigInt(byte)) & MASK)] ?? 0n);
  return fingerprint;
}
