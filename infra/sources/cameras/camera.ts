import { stat } from 'node:fs/promises';
import type { Entry } from '../../../operators/ports.ts';
import { asSluiceError, SluiceError } from '../../../schemas/errors.ts';
import { Stills, type Still } from '../../media/stills.ts';
import { Backoff } from './backoff.ts';
import { inputOf, withoutAddresses } from './ffmpeg-input.ts';
import { FrameClock } from './frame-clock.ts';
import { Slot } from './slot.ts';
import type { CameraEvents, CameraSettings, Feed } from './types.ts';

/** Milliseconds that a connection has until its first frame, at least: ffmpeg finds out first what comes, and decodes from a whole picture on. */
const FIRST_MS = 15_000;

/**
 * One camera: one child of ffmpeg, read as fast as it comes, so that what is decided is new. Holds one frame that waits and the one that is being read. Whatever
 * it does (it is not there, sends nothing more, sends garbage, ends) it is tried again with growing waits, and nobody else is held up.
 */
export class Camera implements Feed {
  readonly name: string;
  readonly #settings: CameraSettings;
  readonly #events: CameraEvents;
  readonly #backoff: Backoff;
  readonly #slot = new Slot<Entry>();
  readonly #clock: FrameClock;
  readonly #closed = Promise.withResolvers<void>();
  #over = false;
  #heard = performance.now();
  #moved = (): void => {};
  #stills: Stills | null = null;
  #running: Promise<void> = Promise.resolve();

  /** @param draw uniform, 0..1: parts of the waits */
  constructor(settings: CameraSettings, events: CameraEvents, draw: () => number) {
    this.name = settings.name;
    this.#settings = settings;
    this.#events = events;
    this.#backoff = new Backoff(draw);
    this.#clock = new FrameClock(settings.record);
  }

  get heard(): number {
    return this.#heard;
  }

  start(moved: () => void): void {
    this.#moved = moved;
    this.#heard = performance.now();
    this.#running = this.#run();
  }

  take(): Entry | null {
    return this.#slot.take();
  }

  async close(): Promise<void> {
    this.#over = true;
    this.#closed.resolve();
    await this.#stills?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#over) {
      const error = await this.#connection().catch((thrown: unknown) => asSluiceError(thrown, 'SLUICE_E_INTERNAL'));
      if (this.#over) return;
      const wait = this.#backoff.next();
      this.#events.lost(this.name, error, wait);
      await this.#pause(wait);
    }
  }

  /** Reads until there is no more. @returns why */
  async #connection(): Promise<SluiceError> {
    const { place, fps, stall } = this.#settings;
    if ('device' in place) await checkDevice(place.device);
    if (this.#over) return ended('it is closed');
    const stills = new Stills(inputOf(place), fps, true);
    this.#stills = stills;
    this.#clock.connect();
    let stalled = 0;
    const watchFor = (milliseconds: number): NodeJS.Timeout =>
      setTimeout(() => {
        stalled = milliseconds;
        void stills.close();
      }, milliseconds);
    let watch = watchFor(Math.max(stall, FIRST_MS));
    let frames = 0;
    try {
      for (let still = await stills.next(); still !== null && !this.#over; still = await stills.next()) {
        clearTimeout(watch);
        watch = watchFor(stall);
        if (frames++ === 0) this.#begin();
        this.#put(still);
      }
      if (stalled > 0) return ended(`no frame came for ${stalled / 1000} s`);
      if (this.#over) return ended('it is closed');
      const { complaint } = await stills.end();
      return ended(complaint === '' ? `its stream ended after ${frames} frames` : `ffmpeg says: ${withoutAddresses(complaint)}`);
    } finally {
      clearTimeout(watch);
      await stills.close();
      this.#stills = null;
    }
  }

  #begin(): void {
    this.#backoff.reset();
    this.#events.connected(this.name);
  }

  #put({ at, jpeg }: Still): void {
    this.#heard = performance.now();
    const time = this.#clock.timeOf(at, Date.now(), this.#heard);
    const when = new Date(time).toISOString();
    const sample = { id: `${this.name}/${when}`, uri: `camera:${this.name}#t=${when}`, stream: this.name, time, label: null, origin: null };
    if (this.#slot.put({ sample, bytes: jpeg })) this.#events.dropped(this.name);
    this.#moved();
  }

  async #pause(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    await Promise.race([promise, this.#closed.promise]);
    clearTimeout(timer);
  }
}

function ended(cause: string): SluiceError {
  return new SluiceError('SLUICE_E_CAMERA_UNREACHABLE', cause);
}

/** @throws SluiceError SLUICE_E_CAMERA_DEVICE */
async function checkDevice(device: string): Promise<void> {
  const found = await stat(device).catch(() => null);
  if (found?.isCharacterDevice() !== true) throw new SluiceError('SLUICE_E_CAMERA_DEVICE', found === null ? `${device} is not there` : `${device} is no device`);
}
