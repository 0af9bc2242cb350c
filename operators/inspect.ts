import type { OperatorFunction } from 'rxjs';
import type { Quality } from '../schemas/decision.ts';
import { whileAlive } from './alive.ts';
import type { Decoded, Failed, Inspected } from './items.ts';

/** Measures the picture as the model sees it: brightness, contrast, sharpness. */
export function inspect(): OperatorFunction<Decoded | Failed, Inspected | Failed> {
  return whileAlive((item: Decoded) => {
    const { width, height, small } = item.image;
    return { ...item, quality: { ...measure(small), width, height } };
  });
}

/**
 * @param rgb a square picture, 0..255, [side, side, 3]
 * Luma is Rec. 601; sharpness is the variance of its 4-neighbour Laplacian
 * (Pech-Pacheco et al.: Diatom autofocusing in brightfield microscopy, 2000).
 */
export function measure(rgb: Uint8Array): Pick<Quality, 'brightness' | 'contrast' | 'sharpness'> {
  const n = rgb.length / 3;
  const side = Math.sqrt(n);
  const luma = new Float32Array(n);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const value = 0.299 * (rgb[3 * i] as number) + 0.587 * (rgb[3 * i + 1] as number) + 0.114 * (rgb[3 * i + 2] as number);
    luma[i] = value;
    sum += value;
    squares += value * value;
  }
  const mean = sum / n;
  const contrast = Math.sqrt(Math.max(0, squares / n - mean * mean));
  return { brightness: round(mean / 255), contrast: round(contrast / 255), sharpness: round(laplacianVariance(luma, side)) };
}

function laplacianVariance(luma: Float32Array, side: number): number {
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < side - 1; y++) {
    for (let x = 1; x < side - 1; x++) {
      const i = y * side + x;
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
