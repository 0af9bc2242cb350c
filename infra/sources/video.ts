import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Entry, Fit } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { Stills, type Ending } from '../media/stills.ts';
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
 * @param fps takes the first frame of each 1/fps seconds; by default every frame
 * @throws SluiceError SLUICE_E_FFMPEG; the entries also where ffmpeg is ended on the way
 */
export async function openVideo(file: string, fps: number | null, fit: Fit = VIDEO_FIT): Promise<OpenedSource> {
  const path = await realpath(file);
  const name = basename(path);
  const facts = await probeVideo(path);
  let stills: Stills | null = null;
  let over = false;
  let standing: Standing = { frames: 0, at: 0 };

  const one = async (from: Stills): Promise<Entry | null> => {
    const still = await from.next();
    if (still === null) {
      over = true;
      const cause = lack(await from.end(), standing, facts, fps);
      return cause === null ? null : { id: name, error: new SluiceError('SLUICE_E_VIDEO_BROKEN', cause) };
    }
    const fragment = `#t=${timeText(still.at, standing.frames === 0 ? null : standing.at)}`;
    standing = { frames: standing.frames + 1, at: still.at };
    const time = facts.created === null ? null : facts.created + Math.round(still.at * 1000);
    return { sample: { id: name + fragment, uri: path + fragment, stream: 'default', time, label: null, origin: null }, bytes: still.jpeg };
  };

  return {
    identity: `video:${path}${fps === null ? '' : ` fps:${fps}`}`,
    total: null,
    fit,
    header: null,
    timed: facts.created !== null,
    warnings: () => [],
    async next(limit) {
      const entries: Entry[] = [];
      stills ??= new Stills(inputOf(path), fps);
      while (!over && entries.length < Math.min(limit, AT_ONCE)) {
        const entry = await one(stills);
        if (entry !== null) entries.push(entry);
      }
      return entries;
    },
    async close() {
      over = true;
      await stills?.close();
    },
  };
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
