/** How ffmpeg opens a camera, and what may be shown of its complaints. */
import type { Place } from './types.ts';

const RTSP = 'rtsp,rtsps,rtp,srtp,tcp,udp,tls,crypto';
const HTTP = 'http,https,tcp,tls,crypto';
/** What comes over HTTP: motion JPEG, a video, or a playlist of videos. Nothing that reads other files, and no bare bitstreams, which random bytes may look like. */
const FORMATS = 'mpjpeg,mov,matroska,mpegts,flv,hls,mpeg';

/** Arguments that open this camera and no file, whatever it sends. */
export function inputOf(place: Place): readonly string[] {
  if ('device' in place) return ['-f', 'v4l2', '-i', place.device];
  const { url, transport } = place;
  if (/^rtsps?:/i.test(url)) return ['-protocol_whitelist', RTSP, '-format_whitelist', 'rtsp', '-rtsp_transport', transport, '-allowed_media_types', 'video', '-i', url];
  return ['-protocol_whitelist', HTTP, '-format_whitelist', FORMATS, '-i', url];
}

/** A complaint without addresses: they may hold a password. */
export function withoutAddresses(complaint: string): string {
  return complaint.replace(/[a-z][a-z0-9+.-]*:\/\/\S+?(?=:?(?:\s|$))/gi, 'the address');
}
