/** A small picture in grey: all that the health of a camera is told by. */
export interface Glimpse {
  readonly width: number;
  readonly height: number;
  /** Luma, 0..255, row by row. */
  readonly luma: Uint8Array;
}

/** @param rgb a square picture, 0..255, [side, side, 3]. @returns its luma (Rec. 601); null where there is no such picture: an item that came as an embedding has none */
export function glimpseOf(rgb: Uint8Array): Glimpse | null {
  const side = Math.sqrt(rgb.length / 3);
  if (side === 0 || !Number.isInteger(side)) return null;
  const luma = new Uint8Array(side * side);
  for (let i = 0, j = 0; i < luma.length; i++, j += 3) luma[i] = Math.round((299 * (rgb[j] as number) + 587 * (rgb[j + 1] as number) + 114 * (rgb[j + 2] as number)) / 1000);
  return { width: side, height: side, luma };
}
