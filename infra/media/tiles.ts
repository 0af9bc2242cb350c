/** Tiles for one picture at most: a panorama is scaled down until these cover it. */
const MOST = 6;

/** The picture scaled so that a row (or column) of overlapping squares covers it, and the cutting of those squares. */
export interface Tiling {
  readonly scaledWidth: number;
  readonly scaledHeight: number;
  readonly count: number;
  /** @param rgb [scaledHeight, scaledWidth, 3]. @returns [count, size, size, 3] */
  cut(rgb: Uint8Array): Uint8Array;
}

/** As few squares of `size` as cover the long side when the short side is scaled to `size`, evenly spread, first and last flush with the edges. */
export function tileWindows(width: number, height: number, size: number): Tiling {
  const aspect = Math.min(MOST, Math.max(width, height) / Math.min(width, height));
  const long = Math.max(size, Math.round(size * aspect));
  const count = Math.ceil(long / size);
  const wide = width >= height;
  const scaledWidth = wide ? long : size;
  const scaledHeight = wide ? size : long;
  const cut = (rgb: Uint8Array): Uint8Array => {
    const out = new Uint8Array(count * size * size * 3);
    for (let tile = 0; tile < count; tile++) {
      const offset = count === 1 ? 0 : Math.round((tile * (long - size)) / (count - 1));
      for (let y = 0; y < size; y++) {
        const from = ((y + (wide ? 0 : offset)) * scaledWidth + (wide ? offset : 0)) * 3;
        out.set(rgb.subarray(from, from + size * 3), (tile * size + y) * size * 3);
      }
    }
    return out;
  };
  return { scaledWidth, scaledHeight, count, cut };
}
