/**
 * Randomness without state: a hash of (seed, text).
 * 32-bit FNV-1a over UTF-16 code units, finished with the mixer of MurmurHash3 (Appleby, public domain description).
 */
export function hash32(seed: number, text: string): number {
  let h = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A uniform draw in the open interval (0, 1). */
export function uniform(seed: number, text: string): number {
  return unit(hash32(seed, text));
}

/** A 32-bit number as one in the open interval (0, 1). */
function unit(bits: number): number {
  return (bits + 0.5) / 2 ** 32;
}

/** A standard Gumbel draw of a uniform one: keys of log weight + Gumbel noise, cut at a quantile, are weighted sampling (Efraimidis and Spirakis 2006). */
export function gumbel(draw: number): number {
  return -Math.log(-Math.log(draw));
}
