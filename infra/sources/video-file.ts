/** What ffmpeg may open for a video file, and what ffprobe says of it. */
import { z } from 'zod';
import { MediaProcess } from '../media/ffmpeg.ts';
import { Pipe } from '../media/pipe.ts';
import { parseTime } from './time.ts';

/** Containers that hold their pictures themselves. A playlist or a list of files under whatever name is none of them. */
const CONTAINERS = 'mov,matroska,avi,mpegts,mpeg,asf,flv,ogg,mpegvideo,h264,hevc,mjpeg';
/** Characters of ffprobe's answer. */
const LONGEST = 2 ** 20;

export interface VideoFacts {
  /** When it was recorded, milliseconds since 1970-01-01 UTC; null where the file does not say. */
  readonly created: number | null;
  /** Seconds of the picture; null where the file does not say. */
  readonly duration: number | null;
  /** Seconds between frames, on average. */
  readonly step: number;
}

/** Arguments that open this one file and nothing else, whatever it holds or is called. @param path absolute */
export function inputOf(path: string): string[] {
  return ['-protocol_whitelist', 'file', '-format_whitelist', CONTAINERS, '-i', `file:${path}`];
}

const number = z.coerce.number().positive().finite().optional().catch(undefined);
const ANSWER = z.object({
  streams: z.array(z.object({ duration: number, avg_frame_rate: z.string().optional().catch(undefined) })).default([]),
  format: z.object({ tags: z.object({ creation_time: z.string().optional() }).optional().catch(undefined) }).default({}),
});

/**
 * Looks at a video without decoding it. What cannot be read says nothing here: decoding it will tell why.
 * @throws SluiceError SLUICE_E_FFMPEG where there is no ffprobe
 */
export async function probeVideo(path: string): Promise<VideoFacts> {
  const entries = 'format_tags=creation_time:stream=duration,avg_frame_rate';
  const probe = new MediaProcess('ffprobe', ['-v', 'error', '-select_streams', 'V:0', '-show_entries', entries, '-of', 'json', ...inputOf(path)], 1);
  let answer = '';
  try {
    const stdout = new Pipe(probe.output(1));
    for (let line = await stdout.line(); line !== null && answer.length < LONGEST; line = await stdout.line()) answer += line;
    await probe.end();
  } finally {
    await probe.close();
  }
  return factsOf(answer);
}

/** @param answer of ffprobe, JSON where it could read the file */
export function factsOf(answer: string): VideoFacts {
  const read = ANSWER.safeParse(jsonOf(answer));
  const [stream] = read.data?.streams ?? [];
  const created = read.data?.format.tags?.creation_time;
  const [frames = 0, seconds = 0] = (stream?.avg_frame_rate ?? '').split('/').map(Number);
  return { created: created === undefined ? null : parseTime(created), duration: stream?.duration ?? null, step: frames > 0 && seconds > 0 ? seconds / frames : 0 };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
