/** Reads the objects that samples refer to, under the rules of whoever runs Sluice. */
import { createHash } from 'node:crypto';
import type { ObjectReference } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { Gate } from '../media/gate.ts';
import type { Opened } from './answer.ts';
import { Attempt } from './attempt.ts';
import { retrying, type Sleep } from './retry.ts';
import type { ObjectLimits, Retries } from './rules.ts';

const LONGEST_URI = 8192;

export interface ObjectStore {
  /**
   * @param signal ends it at once, with SLUICE_E_INTERRUPTED
   * @throws SluiceError SLUICE_E_REFERENCE_REFUSED, SLUICE_E_OBJECT_…, SLUICE_E_IMAGE_EMPTY, _TOO_LARGE, _FORMAT (packed), _UNREADABLE (file)
   */
  read(reference: ObjectReference, signal?: AbortSignal): Promise<Uint8Array>;
  /** As `read`, and does `work` with the bytes. They count as held until that is done: however many objects are asked for at once, memory is bounded. What `work` throws is handed on as it is, without another attempt. */
  use<T>(reference: ObjectReference, work: (bytes: Uint8Array) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Closes connections kept open. */
  close(): void;
}

/** Opens the objects of one scheme. */
export type Opener = (uri: string, attempt: Attempt) => Promise<Opened>;

export interface StoreParts {
  /** By scheme, without the colon. */
  readonly openers: ReadonlyMap<string, Opener>;
  readonly limits: ObjectLimits;
  readonly retries: Retries;
  readonly sleep: Sleep;
  readonly close: () => void;
}

export function objectStore({ openers, limits, retries, sleep, close }: StoreParts): ObjectStore {
  const held = new Gate(limits.bytes);

  /** One attempt. Its outcome holds what became of `work`, so that only reading is tried again. */
  async function once<T>(open: Opener, { uri, sha256 }: ObjectReference, work: (bytes: Uint8Array) => Promise<T>, attempt: Attempt): Promise<PromiseSettledResult<T>> {
    const object = await open(uri, attempt);
    try {
      attempt.pause();
      return await held.run(object.size, async () => {
        attempt.signal.throwIfAborted();
        attempt.resume();
        const bytes = await object.read();
        attempt.end();
        verify(bytes, sha256);
        const [outcome] = await Promise.allSettled([work(bytes)]);
        return outcome;
      });
    } finally {
      await object.close();
    }
  }

  async function use<T>(reference: ObjectReference, work: (bytes: Uint8Array) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const open = openerOf(openers, reference);
    const outcome = await retrying(async () => {
      const attempt = new Attempt(limits, signal);
      try {
        return await attempt.within(once(open, reference, work, attempt));
      } finally {
        attempt.end();
      }
    }, retries, sleep, signal);
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  }

  return { use, read: (reference, signal) => use(reference, async (bytes) => bytes, signal), close };
}

/** @throws SluiceError SLUICE_E_REFERENCE_REFUSED for what no reference can be, wherever it leads */
export function checkUri(uri: string): void {
  if (uri.length > LONGEST_URI || !uri.isWellFormed()) throw refused(`the reference is longer than ${LONGEST_URI} characters or no valid Unicode`);
}

function openerOf(openers: ReadonlyMap<string, Opener>, { uri, sha256 }: ObjectReference): Opener {
  checkUri(uri);
  if (sha256 !== null && !/^[0-9a-f]{64}$/i.test(sha256)) throw refused('the SHA-256 of the reference is not 64 hexadecimal digits');
  const scheme = /^([a-z][a-z0-9+.-]{0,20}):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) throw refused('the reference does not begin with a scheme, such as https:');
  const opener = openers.get(scheme);
  if (opener === undefined) throw refused(`references with ${scheme}: are not configured`);
  return opener;
}

function refused(cause: string): SluiceError {
  return new SluiceError('SLUICE_E_REFERENCE_REFUSED', cause);
}

function verify(bytes: Uint8Array, sha256: string | null): void {
  if (sha256 === null) return;
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256.toLowerCase()) throw new SluiceError('SLUICE_E_OBJECT_MISMATCH', `the SHA-256 of the object is ${found}, and ${sha256.toLowerCase()} was expected`);
}
