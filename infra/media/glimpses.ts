/**
 * The frames of what ffmpeg reads, each as a glimpse (a tiny grey picture), and as a still where it is not plainly the same as the last one that came as a still.
 * Encoding stills is the dearest part of reading a video. One process decodes each frame once for both outputs.
 */
import type { Glimpse } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { MediaProcess } from './ffmpeg.ts';
import { Frames, jpegsTo, QUIETLY, rawTo, taken, TO_JPEG, type Ending } from './stills.ts';

/** Side of a glimpse: that of the thumbnails that camera health was measured on. */
const SIDE = 112;
const SMALL = `scale=${SIDE}:${SIDE}:flags=area:out_range=full,format=gray`;
/** Frames in a row that come without a still, at most: so many glimpses are held while the next still is awaited, beside those in ffmpeg. */
const MOST_WITHOUT = 32;
/**
 * Plainly the same, in full size: no square of 8 × 8 pixels differs by 12 levels on average, and not a third of them by 5. Of a file alone: from a camera each
 * frame must be there as a still, since whoever takes the newest may not get the one before it.
 */
const NOT_THE_SAME = `mpdecimate=max=${MOST_WITHOUT}:hi=768:lo=320:frac=0.33`;

export interface GlimpsedStill {
  /** Seconds from the start of the video. */
  readonly at: number;
  readonly glimpse: Glimpse;
  /** Null where it is plainly the same as the last one that has one. */
  readonly jpeg: Uint8Array | null;
}

export class GlimpsedStills {
  readonly #process: MediaProcess;
  readonly #glimpses: Frames;
  readonly #stills: Frames;
  /** Glimpses that were read while a still was awaited, oldest first; null is the end. */
  readonly #read: (Pick<GlimpsedStill, 'at' | 'glimpse'> | null)[] = [];
  #glimpsing: Promise<false> | null = null;
  /** The next still, which has not been handed out. */
  #still: Promise<{ readonly at: number; readonly bytes: Uint8Array } | null> | null = null;

  /** @param input what stands before the input and itself (`-i …`). @param fps see `taken`, as of `live` */
  constructor(input: readonly string[], fps: number | null, live = false) {
    const graph = `[0:V:0]${[...taken(fps, live), 'split'].join(',')}[a][b];[a]${SMALL}[small];[b]${[...(live ? [] : [NOT_THE_SAME]), TO_JPEG].join(',')}[still]`;
    const args = [...QUIETLY, ...input, '-filter_complex_threads', '1', '-filter_complex', graph, '-map', '[small]', ...rawTo(4, 5), '-map', '[still]', ...jpegsTo(1, 3)];
    this.#process = new MediaProcess('ffmpeg', args, 4);
    this.#glimpses = new Frames(this.#process, 4, 5);
    this.#stills = new Frames(this.#process, 1, 3);
  }

  /** The next frame, in the order of their times; null at the end. */
  async next(): Promise<GlimpsedStill | null> {
    this.#still ??= this.#stills.next();
    // Whether a frame has a still is known when the next one is there. Until then ffmpeg must be able to write glimpses, or it would never get that far.
    const still = await this.#whileGlimpsing(this.#still);
    while (this.#read.length === 0) await this.#glimpse();
    const frame = this.#read.shift() ?? null;
    if (frame === null) {
      this.#read.unshift(null);
      return null;
    }
    if (still !== null && still.at < frame.at) throw new SluiceError('SLUICE_E_INTERNAL', `a still at ${still.at} s has no glimpse; the next one is of ${frame.at} s`);
    if (still === null || still.at > frame.at) return { ...frame, jpeg: null };
    this.#still = null;
    return { ...frame, jpeg: still.bytes };
  }

  async #whileGlimpsing<T>(awaited: Promise<T>): Promise<T> {
    const arrived = awaited.then(() => true);
    // Should reading a glimpse fail first, that is thrown.
    arrived.catch(() => {});
    while (this.#read.at(-1) !== null && !(await Promise.race([arrived, this.#glimpse()])));
    return await awaited;
  }

  /** Reads a further glimpse; one call is under way at a time. */
  #glimpse(): Promise<false> {
    this.#glimpsing ??= this.#readGlimpse();
    return this.#glimpsing;
  }

  async #readGlimpse(): Promise<false> {
    const frame = await this.#glimpses.next();
    this.#read.push(frame === null ? null : { at: frame.at, glimpse: { width: SIDE, height: SIDE, luma: frame.bytes } });
    this.#glimpsing = null;
    return false;
  }

  /** To be called at the end. @throws SluiceError SLUICE_E_FFMPEG where it could not be started, or did not end by itself */
  end(): Promise<Ending> {
    return this.#process.end();
  }

  close(): Promise<void> {
    return this.#process.close();
  }
}
