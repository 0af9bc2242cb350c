/**
 * Whether a frame is the one before it, bit by bit: a sensor never gives the same noise twice. Where a frozen picture is encoded again, each key frame and
 * the few frames after it differ a little, the same way each time: what was there a moment ago speaks neither for a frozen picture nor against it.
 */
import type { Packer, Unpacker } from '../codec.ts';
import type { Glimpse } from './glimpse.ts';

/** Different frames that are remembered. */
const REMEMBERED = 16;

export class Repeats {
  /** Fingerprints, the latest first. */
  #prints: readonly number[] = [];

  take(glimpse: Glimpse): 'same' | 'earlier' | 'new' {
    const print = fingerprint(glimpse);
    const place = this.#prints.indexOf(print);
    this.#prints = [print, ...this.#prints.filter((other) => other !== print)].slice(0, REMEMBERED);
    return place === 0 ? 'same' : place > 0 ? 'earlier' : 'new';
  }

  pack(out: Packer): void {
    out.f64(this.#prints.length, ...this.#prints);
  }

  restore(from: Unpacker): void {
    this.#prints = Array.from({ length: from.f64() }, () => from.f64());
  }
}

/** 52 bits of two 32-bit FNV-1a hashes: that one other frame in a row of many has the same is out of the question. */
function fingerprint({ width, height, luma }: Glimpse): number {
  let a = 0x811c9dc5 ^ width;
  let b = 0x811c9dc5 ^ height;
  for (let i = 0; i < luma.length; i++) {
    a = Math.imul(a ^ (luma[i] as number), 0x01000193);
    b = Math.imul(b ^ (luma[i] as number) ^ (a >>> 24), 0x01000193);
  }
  return (a >>> 0) * 2 ** 20 + (b >>> 12);
}
