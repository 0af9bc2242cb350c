import type { OperatorFunction } from 'rxjs';
import type { Quality } from '../schemas/decision.ts';
import { whileAlive } from './alive.ts';
import type { Decoded, Failed, Inspected } from './items.ts';
import type { Thumbnails } from './ports.ts';

/** Measures the picture at half the side the model sees it at: brightness, contrast, sharpness. Of several tiles the first counts. */
export function inspect(thumbnails: Thumbnails): OperatorFunction<Decoded | Failed, Inspected | Failed> {
  return whileAlive<Decoded, Inspected, Failed>((item) => {
    const { pixels, width, height } = item.image;
    const small = thumbnails.halve(pixels);
    return { ...item, small, quality: { ...measure(small), width, height } };
  });
}

/** Luma of the picture at hand in thousandths; one for all, since a new one for each would be the most of what inspecting leaves to collect. */
let luma = new Int32Array(0);

/**
 * @param rgb a square picture, 0..255, [side, side, 3]
 * Luma is Rec. 601; sharpness is the variance of its 4-neighbour Laplacian
 * (Pech-Pacheco et al.: Diatom autofocusing in brightfield microscopy, 2000).
 */
export function measure(rgb: Uint8Array): Pick<Quality, 'brightness' | 'contrast' | 'sharpness'> {
  const n = rgb.length / 3;
  if (luma.length < n) luma = new Int32Array(n);
  let sum = 0;
  let squares = 0;
  for (let i = 0, j = 0; i < n; i++, j += 3) {
    const value = 299 * (rgb[j] as number) + 587 * (rgb[j + 1] as number) + 114 * (rgb[j + 2] as number);
    luma[i] = value;
    sum += value;
    squares += value * value;
  }
  const mean = sum / n;
  const contrast = Math.sqrt(Math.max(0, squares / n - mean * mean));
  return { brightness: round(mean / 255e3), contrast: round(contrast / 255e3), sharpness: round(laplacianVariance(Math.sqrt(n)) / 1e6) };
}

function laplacianVariance(side: number): number {
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < side - 1; y++) {
    for (let i = y * side + 1, end = i + side - 2; i < end; i++) {
      const around = (luma[i - 1] as number) + (luma[i + 1] as number) + (luma[i - side] as number) + (luma[i + side] as number);
      const value = around - 4 * (luma[i] as number);
      sum += value;
      squares += value * value;
    }
  }
  const n = (side - 2) * (side - 2);
  return squares / n - (sum / n) ** 2;
}

/** Five significant digits: what is stored is what was compared. */
function round(value: number): number {
  return Number(value.toPrecision(5));
}
