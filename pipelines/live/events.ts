/** What happens to cameras, as metrics and words: what repeats itself is said once. */
import type { CameraEvents } from '../../infra/sources/cameras/types.ts';
import type { Metrics } from '../../infra/metrics/metrics.ts';

/** Milliseconds between two lines about dropped frames of a camera, at least. */
const DROPPED_EVERY_MS = 60_000;

interface Standing {
  connected: boolean;
  /** What was said last of why it is lost; '' since frames came. */
  said: string;
  dropped: number;
  /** When dropped frames were spoken of. */
  droppedSaid: number;
}

export interface LiveEvents extends CameraEvents {
  /** Cameras that frames have not come from since they were lost or started. */
  readonly away: readonly string[];
}

/** @param names of the cameras that connect. @param now any clock that does not jump, milliseconds */
export function cameraEvents(names: readonly string[], metrics: Pick<Metrics, 'camera' | 'overtaken'>, say: (line: string) => void, now: () => number): LiveEvents {
  const standings = new Map(names.map((name): [string, Standing] => [name, { connected: false, said: '', dropped: 0, droppedSaid: -Infinity }]));
  for (const name of names) metrics.camera(name, false, false);
  const of = (camera: string): Standing => standings.get(camera) ?? { connected: false, said: '', dropped: 0, droppedSaid: -Infinity };
  return {
    get away() {
      return [...standings].flatMap(([name, { connected }]) => (connected ? [] : [name]));
    },
    connected(camera) {
      const standing = of(camera);
      Object.assign(standing, { connected: true, said: '' });
      metrics.camera(camera, true, false);
      say(`camera ${camera}: frames come`);
    },
    lost(camera, { code, message }, waitMs) {
      const standing = of(camera);
      standing.connected = false;
      metrics.camera(camera, false, true);
      const words = `${code}: ${message}`;
      if (standing.said === words) return;
      standing.said = words;
      say(`camera ${camera}: ${words}; trying again in ${(waitMs / 1000).toFixed(1)} s, and from then on`);
    },
    dropped(camera) {
      const standing = of(camera);
      standing.dropped += 1;
      metrics.overtaken(camera);
      if (now() - standing.droppedSaid < DROPPED_EVERY_MS) return;
      standing.droppedSaid = now();
      say(`camera ${camera}: ${standing.dropped} ${standing.dropped === 1 ? 'frame' : 'frames'} dropped so far, since newer ones came before they could be decided; fewer come with fps`);
    },
  };
}
