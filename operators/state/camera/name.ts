import type { Sample } from '../../../schemas/sample.ts';

/** The time of a frame in its video: a media fragment (W3C), in seconds. */
const FRAME = /^(.*)#t=(\d+(?:\.\d+)?)$/s;

/** Which camera an item is of. Where nobody named the streams, each video is a camera of its own. @returns also the seconds in its video; null where it is no frame of one */
export function cameraOf({ id, stream }: Pick<Sample, 'id' | 'stream'>): { readonly camera: string; readonly at: number | null } {
  const [, video = '', at] = FRAME.exec(id) ?? [];
  return { camera: stream === 'default' ? `video ${video}` : `stream ${stream}`, at: at === undefined ? null : Number(at) };
}
