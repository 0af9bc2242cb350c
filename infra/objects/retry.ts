import { asSluiceError, SluiceError } from '../../schemas/errors.ts';
import { interrupted } from './attempt.ts';
import type { Retries } from './rules.ts';

/** Resolves after `ms` milliseconds; rejects as soon as the signal says so. */
export type Sleep = (ms: number, signal: AbortSignal | undefined) => Promise<unknown>;

/** Tries until it works, it fails in a way that trying again cannot help, or the attempts are used up. Waits double from one to the next. @throws SluiceError */
export async function retrying<T>(attempt: () => Promise<T>, { attempts, firstMs, mostMs }: Retries, sleep: Sleep, signal: AbortSignal | undefined): Promise<T> {
  for (let tried = 1; ; tried++) {
    if (signal?.aborted === true) throw interrupted();
    try {
      return await attempt();
    } catch (thrown) {
      const error = asSluiceError(thrown, 'SLUICE_E_INTERNAL');
      if (!error.retriable || error.code === 'SLUICE_E_INTERRUPTED') throw error;
      if (tried >= attempts) throw attempts > 1 ? new SluiceError(error.code, `${error.message}; tried ${attempts} times`, { cause: error }) : error;
    }
    await sleep(Math.min(mostMs, firstMs * 2 ** (tried - 1)), signal).catch((thrown: unknown) => {
      throw signal?.aborted === true ? interrupted() : thrown;
    });
  }
}
