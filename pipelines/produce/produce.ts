/** Sends all of a source: while some messages are on their way the next are made, and no more than that is held. */
import type { Entry, Source } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import type { Make, Message } from './records.ts';

/** Sent together, at most: so many messages, or a few more bytes than these. */
const MESSAGES = 256;
const BYTES = 2 * 2 ** 20;
/** Entries asked of the source at once. */
const ENTRIES = 64;

export interface ProduceParts {
  readonly source: Source;
  readonly make: Make;
  /** Resolves when all are written. */
  readonly send: (messages: readonly Message[]) => Promise<void>;
  readonly sent: (messages: readonly Message[]) => void;
  /** An entry that cannot be sent. */
  readonly bad: (id: string, error: SluiceError) => void;
}

/** @returns whether the source came to its end before the signal. What was sent by then is written. */
export async function produceAll({ source, make, send, sent, bad }: ProduceParts, signal: AbortSignal): Promise<boolean> {
  let pending: Message[] = [];
  let bytes = 0;
  let sending: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    await sending;
    const messages = pending;
    [pending, bytes] = [[], 0];
    sending = send(messages).then(() => sent(messages));
    // It is waited for with the next ones.
    sending.catch(() => {});
  };
  let ended = false;
  while (!signal.aborted && !ended) {
    const entries = await source.next(ENTRIES);
    ended = entries.length === 0;
    for (const entry of entries) {
      if (signal.aborted) break;
      const message = 'error' in entry ? entry : await orFault(entry.sample.id, messageOf(entry, make));
      if (message === null) continue;
      if ('error' in message) {
        bad(message.id, message.error);
        continue;
      }
      pending.push(message);
      bytes += message.value.length;
      if (pending.length >= MESSAGES || bytes >= BYTES) await flush();
    }
  }
  if (pending.length > 0) await flush();
  await sending;
  return ended;
}

/** With its picture, where that is elsewhere. */
async function messageOf({ sample, bytes, remote }: Extract<Entry, { sample: unknown }>, make: Make): Promise<Message | null> {
  const picture = bytes ?? (await remote?.read());
  if (picture instanceof SluiceError) throw picture;
  return await make(sample, picture);
}

async function orFault<T>(id: string, made: Promise<T>): Promise<T | { readonly id: string; readonly error: SluiceError }> {
  try {
    return await made;
  } catch (error) {
    if (error instanceof SluiceError) return { id, error };
    throw error;
  }
}
