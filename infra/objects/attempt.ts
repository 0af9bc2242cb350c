import { SluiceError } from '../../schemas/errors.ts';
import type { ObjectLimits } from './rules.ts';

export function interrupted(): SluiceError {
  return new SluiceError('SLUICE_E_INTERRUPTED', 'reading the object was stopped on request');
}

/** One attempt at reading an object: it is over when its time is up or the caller gives up, and whatever it has open ends with it. */
export class Attempt {
  readonly #controller = new AbortController();
  readonly #failed = Promise.withResolvers<never>();
  readonly #caller: AbortSignal | undefined;
  readonly #limits: Pick<ObjectLimits, 'seconds' | 'idleSeconds'>;
  #left: number;
  #since = 0;
  #whole: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(limits: Pick<ObjectLimits, 'seconds' | 'idleSeconds'>, caller: AbortSignal | undefined) {
    this.#limits = limits;
    this.#left = limits.seconds * 1000;
    this.#caller = caller;
    caller?.addEventListener('abort', this.#interrupt);
    if (caller?.aborted === true) this.#interrupt();
    else this.resume();
  }

  /** Aborted when it is over; the reason is a SluiceError. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The outcome of `work`, unless the attempt is over before: then at once why. */
  within<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#failed.promise]);
  }

  /** Something came. */
  heard(): void {
    this.#idle?.refresh();
  }

  /** The clock stands still, because Sluice is not reading. */
  pause(): void {
    clearTimeout(this.#whole);
    clearTimeout(this.#idle);
    this.#left -= performance.now() - this.#since;
  }

  resume(): void {
    const { seconds, idleSeconds } = this.#limits;
    const expire = (cause: string): void => this.#fail(new SluiceError('SLUICE_E_OBJECT_TIMEOUT', cause));
    this.#since = performance.now();
    this.#whole = setTimeout(() => expire(`reading the object took more than ${seconds} s`), Math.max(0, this.#left));
    this.#idle = setTimeout(() => expire(`nothing came for ${idleSeconds} s`), idleSeconds * 1000);
  }

  /** All is read: nothing ends it any more. */
  end(): void {
    this.#caller?.removeEventListener('abort', this.#interrupt);
    clearTimeout(this.#whole);
    clearTimeout(this.#idle);
  }

  readonly #interrupt = (): void => this.#fail(interrupted());

  #fail(error: SluiceError): void {
    this.end();
    this.#failed.reject(error);
    this.#controller.abort(error);
  }
}
