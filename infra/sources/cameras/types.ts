import type { Entry } from '../../../operators/ports.ts';
import type { SluiceError } from '../../../schemas/errors.ts';

/** Where the frames of a camera come from. An address may hold user and password: it is never shown. */
export type Place = { readonly url: string; readonly transport: 'tcp' | 'udp' } | { readonly device: string };

export interface CameraSettings {
  readonly name: string;
  readonly place: Place;
  /** Takes the first frame of each 1/fps seconds; null takes all. */
  readonly fps: number | null;
  /** Milliseconds without a frame after which it is connected anew. */
  readonly stall: number;
  /** Time of its last frame on record, milliseconds since 1970; null where there is none. */
  readonly record: number | null;
}

/** What happens to cameras. */
export interface CameraEvents {
  /** The first frame of a connection is there. */
  connected(camera: string): void;
  /** A connection has ended, or could not be made; the next attempt is in so many milliseconds. */
  lost(camera: string, error: SluiceError, waitMs: number): void;
  /** A frame was overtaken by a newer one before it could be decided. */
  dropped(camera: string): void;
}

/** Something that entries come from, at its own pace. */
export interface Feed {
  readonly name: string;
  /** When the last frame came, or when it was started, of `performance.now()`. */
  readonly heard: number;
  /** @param moved is called when something can be taken */
  start(moved: () => void): void;
  /** What waits; null where nothing does. */
  take(): Entry | null;
  close(): Promise<void>;
}
