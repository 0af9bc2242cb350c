/**
 * The frames of what ffmpeg reads, as JPEG stills with their times, by pull. ffmpeg decodes and encodes a frame once and writes it twice: where it stands and
 * how long it is to one pipe (`framecrc`), the still to the other. Its pipes hold it up while nobody pulls.
 */
import { MediaProcess } from './ffmpeg.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { Pipe } from './pipe.ts';

export interface Still {
  /** Seconds from the start of the video. */
  readonly at: number;
  readonly jpeg: Uint8Array;
}

/** How a run of ffmpeg ended; `complaint` is '' where it had none. */
export interface Ending {
  readonly well: boolean;
  readonly complaint: string;
}

/** Quality 2 is the best that all of ffmpeg's versions give. JPEG knows one matrix and full range, whatever the video has. */
export const TO_JPEG = 'scale=out_color_matrix=bt601:out_range=full,format=yuvj420p';
const RISING = "select='not(isnan(pts))*(isnan(prev_selected_pts)+gt(pts,prev_selected_pts))'";
/** One thread decodes: of a damaged video several give other pictures each time. */
export const QUIETLY: readonly string[] = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-threads', '1', '-max_pixels', String(DEFAULT_LIMITS.pixels)];
/** No frame is repeated or left out to keep a rate, and times stay as exact as they come. */
const AS_THEY_COME: readonly string[] = ['-threads', '1', '-fps_mode', 'passthrough', '-enc_time_base', '-1', '-f', 'tee'];

/** Arguments of an output of JPEGs, and where each stands on a pipe of its own. */
export function jpegsTo(pictures: number, places: number): readonly string[] {
  return ['-c:v', 'mjpeg', '-q:v', '2', '-huffman', 'default', ...AS_THEY_COME, `[f=framecrc:flush_packets=1]pipe:${places}|[f=image2pipe]pipe:${pictures}`];
}

/** The same of pictures as they are. */
export function rawTo(pictures: number, places: number): readonly string[] {
  return ['-c:v', 'rawvideo', ...AS_THEY_COME, `[f=framecrc:flush_packets=1]pipe:${places}|[f=rawvideo:flush_packets=1]pipe:${pictures}`];
}

/**
 * Which frames are taken, as filters.
 * @param fps the first frame of each 1/fps seconds; null takes all
 * @param live whether it is no file: frames whose time is not after that of the one before, as at the start of a connection, are left out
 */
export function taken(fps: number | null, live: boolean): readonly string[] {
  return [...(live ? [RISING] : []), ...(fps === null ? [] : [everySlot(fps)])];
}

/** Pictures of one output, with their times. */
export class Frames {
  readonly #places: Pipe;
  readonly #pictures: Pipe;
  #tick = Number.NaN;

  /** @param pictures file descriptors of the process, as is `places` */
  constructor(process: MediaProcess, pictures: number, places: number) {
    this.#pictures = new Pipe(process.output(pictures));
    this.#places = new Pipe(process.output(places));
  }

  async next(): Promise<{ readonly at: number; readonly bytes: Uint8Array } | null> {
    for (let line = await this.#places.line(); line !== null; line = await this.#places.line()) {
      const base = /^#tb 0: (\d+)\/(\d+)$/.exec(line);
      if (base !== null) this.#tick = Number(base[1]) / Number(base[2]);
      const [, , pts = '', , size = ''] = line.split(',');
      if (line.startsWith('#') || size === '') continue;
      const bytes = await this.#pictures.take(Number(size));
      return bytes === null ? null : { at: Number(pts) * this.#tick, bytes };
    }
    return null;
  }
}

export class Stills {
  readonly #process: MediaProcess;
  readonly #frames: Frames;

  /**
   * @param input what stands before the input and itself (`-i …`)
   * @param fps see `taken`, as of `live`
   */
  constructor(input: readonly string[], fps: number | null, live = false) {
    // Pictures of a song or a cover are no video (V).
    const args = [...QUIETLY, ...input, '-map', '0:V:0', '-vf', [...taken(fps, live), TO_JPEG].join(','), ...jpegsTo(1, 3)];
    this.#process = new MediaProcess('ffmpeg', args, 2);
    this.#frames = new Frames(this.#process, 1, 3);
  }

  /** The next frame, in the order of their times; null at the end. */
  async next(): Promise<Still | null> {
    const frame = await this.#frames.next();
    return frame === null ? null : { at: frame.at, jpeg: frame.bytes };
  }

  /** To be called at the end. @throws SluiceError SLUICE_E_FFMPEG where it could not be started, or did not end by itself */
  end(): Promise<Ending> {
    return this.#process.end();
  }

  close(): Promise<void> {
    return this.#process.close();
  }
}

/** The first frame of each slot of 1/fps seconds; a thousandth of a slot is what times are rounded by. */
function everySlot(fps: number): string {
  const slot = (time: string): string => `floor(${time}*${fps}+0.001)`;
  return `select='isnan(prev_selected_t)+gt(${slot('t')},${slot('prev_selected_t')})'`;
}
