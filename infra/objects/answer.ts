import type { IncomingMessage } from 'node:http';
import { SluiceError } from '../../schemas/errors.ts';
import { show } from '../sources/text.ts';
import type { Attempt } from './attempt.ts';
import { collect } from './collect.ts';
import { failureOf } from './dial.ts';

/** An object of at least one byte that is there to be read. */
export interface Opened {
  /** Bytes it will take in memory: its length, or, where that is not known, the most it may have. */
  readonly size: number;
  read(): Promise<Buffer>;
  close(): Promise<void>;
}

/** @param detail what the answer says besides, or '' */
export function statusError(host: string, status: number, detail = ''): SluiceError {
  const cause = `${host} answered ${status}${detail === '' ? '' : ` (${detail})`}`;
  if (status === 404 || status === 410) return new SluiceError('SLUICE_E_OBJECT_MISSING', cause);
  const later = status >= 500 || status === 429 || status === 408 || status === 425;
  return new SluiceError(later ? 'SLUICE_E_OBJECT_UNAVAILABLE' : 'SLUICE_E_OBJECT_DENIED', cause);
}

/** The body of a good answer. @throws SluiceError SLUICE_E_IMAGE_TOO_LARGE, _EMPTY by what it says of its length; _FORMAT where it is packed */
export function openAnswer(answer: IncomingMessage, limit: number, attempt: Attempt): Opened {
  const packed = answer.headers['content-encoding'] ?? '';
  // Nothing is unpacked, so that a small body cannot become a large one; it was not asked for either.
  if (!/^(?:identity)?$/i.test(packed)) throw new SluiceError('SLUICE_E_IMAGE_FORMAT', `the object comes packed (content-encoding ${show(packed, 40)}), and images are taken as they are`);
  const told = answer.headers['content-length'];
  const length = told === undefined ? null : Number(told);
  if (length === 0) throw new SluiceError('SLUICE_E_IMAGE_EMPTY', 'the object holds no bytes');
  if (length !== null && length > limit) throw new SluiceError('SLUICE_E_IMAGE_TOO_LARGE', `the object has ${length} bytes, over the limit of ${limit} bytes`);
  const most = length ?? Math.ceil(limit / 4);
  const read = async (): Promise<Buffer> => {
    try {
      return await collect(answer, length, most, () => attempt.heard());
    } catch (thrown) {
      throw failureOf(thrown);
    }
  };
  return { size: most, read, close: async () => void answer.destroy() };
}
