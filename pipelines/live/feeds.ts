/** The cameras of a pipeline, from its configuration. */
import { Camera } from '../../infra/sources/cameras/camera.ts';
import type { CameraEvents, Feed, Place } from '../../infra/sources/cameras/types.ts';
import { WatchedFolder } from '../../infra/sources/cameras/watched-folder.ts';
import { uniform } from '../../operators/state/hash.ts';
import { SluiceError } from '../../schemas/errors.ts';
import type { CameraConfig } from '../config/cameras.ts';
import { loadSecret } from '../config/secret.ts';
import type { Environment } from '../config/yaml/variables.ts';

const SILENT_MS = 30_000;
/** Frames that are asked for and may fail to come, one after another, before it counts as anything. */
const LATE = 3;

/** What is on record of a camera. */
interface OnFile {
  /** Whether an item with this id is. */
  readonly settled: (id: string) => boolean;
  /** Time of the last item of its stream, milliseconds since 1970. */
  readonly lastTime: (stream: string) => number | null;
}

/** @throws SluiceError SLUICE_E_SECRET */
export function feedOf(config: CameraConfig, seed: number, events: CameraEvents, env: Environment, { settled, lastTime }: OnFile): Feed {
  const { name, folder, fps, stall_after: stall } = config;
  if (folder !== undefined) return new WatchedFolder(name, folder, settled);
  let drawn = 0;
  return new Camera({ name, place: placeOf(config, env), fps: fps ?? null, stall: Math.max(stall, lateAfter(config)), record: lastTime(name) }, events, () => uniform(seed, `${name} ${drawn++}`));
}

/** Milliseconds; null: never. */
export function silentAfter(config: CameraConfig): number | null {
  const { folder, silent_after: given } = config;
  const after = given ?? (folder === undefined ? SILENT_MS : null);
  return after === null ? null : Math.max(after, lateAfter(config));
}

function lateAfter({ fps }: CameraConfig): number {
  return fps === undefined ? 0 : (LATE / fps) * 1000;
}

function placeOf({ name, url, device, transport, username, password }: CameraConfig, env: Environment): Place {
  if (device !== undefined) return { device };
  const address = URL.parse(url ?? '');
  if (address === null) throw new SluiceError('SLUICE_E_INTERNAL', `the camera ${name} has no place`);
  if (username !== undefined) address.username = loadSecret(username, env).reveal();
  if (password !== undefined) address.password = loadSecret(password, env).reveal();
  return { url: address.href, transport };
}
