/** Where a box lies on a thumbnail, which is the square that the model saw first. */
import type { ObjectFinding } from '../../../schemas/decision.ts';
import { tileWindows } from '../../media/tiles.ts';
import type { RunEntry } from '../../store/types.ts';

/** As parts 0..1 of the thumbnail's side, cut off at its edges. */
export interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** @param size of the picture in pixels. @returns null where the thumbnail shows nothing of the box */
export function placeOf([x, y, w, h]: ObjectFinding['bbox'], size: Size, fit: string): Place | null {
  const seen = seenPart(size, fit);
  const part = (value: number): number => Math.min(1, Math.max(0, value));
  const [left, top] = [part((x - seen.left) / seen.width), part((y - seen.top) / seen.height)];
  const [right, bottom] = [part((x + w - seen.left) / seen.width), part((y + h - seen.top) / seen.height)];
  return right > left && bottom > top ? { left, top, width: right - left, height: bottom - top } : null;
}

/** What the thumbnail shows of the picture, in its pixels. */
function seenPart({ width, height }: Size, fit: string): Place {
  if (fit === 'squash') return { left: 0, top: 0, width, height };
  const side = Math.min(width, height);
  if (fit === 'crop') return { left: (width - side) / 2, top: (height - side) / 2, width: side, height: side };
  // In its own pixels, where nothing is rounded.
  const { scaledWidth, scaledHeight } = tileWindows(width, height, side);
  return { left: 0, top: 0, width: (width * side) / scaledWidth, height: (height * side) / scaledHeight };
}

/** How the picture of an item met the model's square: the fit may have changed between runs. */
export function fitAt(runs: readonly RunEntry[], seq: number): string {
  return (runs.findLast((run) => run.seq <= seq) ?? runs[0])?.config.fit ?? 'squash';
}
