import type { Entry, Fit } from '../../operators/ports.ts';
import type { AnnotationFaults } from '../../schemas/annotations.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { inOrder } from './listed.ts';
import type { OpenedSource } from './types.ts';

export interface Streamed<T> {
  /** Of the file, for messages. */
  readonly name: string;
  readonly identity: string;
  readonly fit: Fit;
  readonly header?: string | null;
  /** Items that were counted when it was opened. */
  readonly total: number;
  readonly timed?: boolean;
  /** The items of the file once more, from the first. */
  readonly items: () => AsyncGenerator<T, unknown>;
  readonly entry: (item: T) => Promise<Entry> | Entry;
  readonly warnings?: () => readonly string[];
  readonly faults?: readonly AnnotationFaults[];
}

/**
 * A source whose file is read twice: once at open, for faults that concern all of it and to count its items, and once to hand them out. What is appended
 * after open is left to the next run. Held: at most `limit` items, and what reading holds.
 */
export function streamedSource<T>({ name, identity, fit, header = null, total, timed = false, items, entry, warnings, faults = [] }: Streamed<T>): OpenedSource {
  let reading: AsyncGenerator<T, unknown> | null = null;
  let left = total;
  return {
    identity,
    total,
    fit,
    header,
    timed,
    faults,
    warnings: () => warnings?.() ?? [],
    async next(limit) {
      reading ??= items();
      const batch: T[] = [];
      for (; left > 0 && batch.length < limit; left -= 1) {
        const step = await reading.next();
        if (step.done === true) throw new SluiceError('SLUICE_E_SOURCE_SYNTAX', `${name} was changed while it was read: ${left} of its ${total} items are gone.`);
        batch.push(step.value);
      }
      return await inOrder(batch, async (item) => await entry(item));
    },
    async close() {
      await reading?.return(undefined);
    },
  };
}
