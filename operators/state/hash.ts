/**
 * Randomness without state of its own: a hash of (seed, sample id), and rows of lots that begin with one.
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
export function unit(bits: number): number {
  return (bits + 0.5) / 2 ** 32;
}

/** 2^32 over the golden ratio: no other step fills the circle of 32-bit numbers as evenly. */
const GOLDEN = 0x9e3779b9;

/**
 * The lot that is drawn after this one (Weyl's sequence): any part of such a row is spread evenly. Of n items drawn so at a rate r, r · n are taken but for one or two,
 * while the count of independent draws strays by the root of r · n.
 */
export function nextLot(lot: number): number {
  return (lot + GOLDEN) >>> 0;
}

/** A standard Gumbel draw of a uniform one: keys of log weight + Gumbel noise, cut at a quantile, are weighted sampling (Efraimidis and Spirakis 2006). */
export function gumbel(draw: number): number {
  return -Math.log(-Math.log(draw));
}
