import { cutStrip } from '../media/thumbnail.ts';

interface Place {
  readonly strip: number;
  /** From the top, 0 first. */
  readonly place: number;
}

/** Cuts the thumbnails of these items out of their strips, each strip decoded once. */
export async function* thumbnails(seqs: Iterable<number>, placeOf: (seq: number) => Place | null, jpegOf: (strip: number) => Uint8Array | null): AsyncGenerator<{ seq: number; jpeg: Uint8Array }> {
  const wanted = new Map<number, { seq: number; place: number }[]>();
  for (const seq of new Set(seqs)) {
    const found = placeOf(seq);
    if (found === null) continue;
    const sharing = wanted.get(found.strip);
    if (sharing === undefined) wanted.set(found.strip, [{ seq, place: found.place }]);
    else sharing.push({ seq, place: found.place });
  }
  for (const [strip, items] of wanted) {
    const jpeg = jpegOf(strip);
    const cut = jpeg === null ? [] : await cutStrip(jpeg, items.map(({ place }) => place));
    for (const [i, { seq }] of items.entries()) {
      const thumbnail = cut[i];
      if (thumbnail !== undefined) yield { seq, jpeg: thumbnail };
    }
  }
}
