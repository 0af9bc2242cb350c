import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Entry, Fit } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { GlimpsedStills, type GlimpsedStill } from '../media/glimpses.ts';
import { Stills, type Ending, type Still } from '../media/stills.ts';
import { plural, show } from './text.ts';
import type { OpenedSource } from './types.ts';
import { inputOf, probeVideo, type VideoFacts } from './video-file.ts';

/** Frames handed out at once, at most: they are held in memory. */
const AT_ONCE = 16;
/** What enters a scene does so at the edge, so nothing is cut off. */
const VIDEO_FIT: Fit = 'squash';

/** Where the reading of a video stands. */
interface Standing {
  readonly frames: number;
  /** Time of the last frame, in seconds. */
  readonly at: number;
}

/**
 * The frames of a video file, each a still in memory. The id is the file name with the time as a media fragment (W3C), `clip.mp4#t=12.480`. What could be
 * decoded is handed out; where that is not all, the rest is one bad entry under the name of the file.
 * @param fps takes the first frame of each 1/fps seconds; null takes all
 * @param glimpses whether each frame comes with a glimpse, and without its picture where that is plainly the same as the one before
 * @throws SluiceError SLUICE_E_FFMPEG; `next` also where ffmpeg is ended on the way
 */
export async function openVideo(file: string, fps: number | null, fit: Fit = VIDEO_FIT, glimpses = false): Promise<OpenedSource> {
  const path = await realpath(file);
  return new VideoSource(path, fps, fit, await probeVideo(path), glimpses);
}

class VideoSource implements OpenedSource {
  readonly identity: string;
  readonly total = null;
  readonly fit: Fit;
  readonly header = null;
  readonly faults = [];
  readonly timed: boolean;
  readonly #path: string;
  readonly #fps: number | null;
  readonly #facts: VideoFacts;
  readonly #glimpses: boolean;
  #stills: Stills | GlimpsedStills | null = null;
  #over = false;
  #standing: Standing = { frames: 0, at: 0 };

  constructor(path: string, fps: number | null, fit: Fit, facts: VideoFacts, glimpses: boolean) {
    this.identity = `video:${path}${fps === null ? '' : ` fps:${fps}`}`;
    this.fit = fit;
    this.timed = facts.created !== null;
    this.#path = path;
    this.#fps = fps;
    this.#facts = facts;
    this.#glimpses = glimpses;
  }

  warnings(): readonly string[] {
    return [];
  }

  async next(limit: number): Promise<readonly Entry[]> {
    const entries: Entry[] = [];
    this.#stills ??= new (this.#glimpses ? GlimpsedStills : Stills)(inputOf(this.#path), this.#fps);
    while (!this.#over && entries.length < Math.min(limit, AT_ONCE)) {
      const still = await this.#stills.next();
      if (still !== null) entries.push(this.#entryOf(still));
      else entries.push(...(await this.#end(this.#stills)));
    }
    return entries;
  }

  async close(): Promise<void> {
    this.#over = true;
    await this.#stills?.close();
  }

  #entryOf(still: Still | GlimpsedStill): Entry {
    const { at, jpeg } = still;
    const { frames, at: before } = this.#standing;
    const { created } = this.#facts;
    const fragment = `#t=${timeText(at, frames === 0 ? null : before)}`;
    this.#standing = { frames: frames + 1, at };
    const time = created === null ? null : created + Math.round(at * 1000);
    return { sample: { id: basename(this.#path) + fragment, uri: this.#path + fragment, stream: 'default', time, label: null, origin: null }, bytes: jpeg ?? undefined, ...('glimpse' in still ? { glimpse: still.glimpse } : {}) };
  }

  async #end(stills: Stills | GlimpsedStills): Promise<readonly Entry[]> {
    this.#over = true;
    const cause = lack(await stills.end(), this.#standing, this.#facts, this.#fps);
    return cause === null ? [] : [{ id: basename(this.#path), error: new SluiceError('SLUICE_E_VIDEO_BROKEN', cause) }];
  }
}

/** Milliseconds, or as many more digits as tell it from the frame before. ffmpeg's times only ever rise. */
export function timeText(at: number, before: number | null): string {
  const digits = [3, 6, 9].find((n) => at.toFixed(n) !== before?.toFixed(n)) ?? 12;
  return at.toFixed(digits);
}

/** What is not there of a video that has ended, in a sentence; null where it is whole. */
export function lack({ well, complaint }: Ending, { frames, at }: Standing, { duration, step }: VideoFacts, fps: number | null): string | null {
  const slack = 1 + 2 * step + (fps === null ? 0 : 1 / fps);
  const short = frames > 0 && duration !== null && at + slack < duration;
  if (well && complaint === '' && frames > 0 && !short) return null;
  const reached = frames === 0 ? 'no frame could be decoded' : `${plural(frames, 'frame')} could be decoded, the last at ${at.toFixed(3)} s${duration === null ? '' : ` of ${duration.toFixed(3)} s`}`;
  return complaint === '' ? reached : `${reached}; ffmpeg says ${show(complaint, 200)}`;
}
