import type { Entry, Fit } from '../../operators/ports.ts';
import type { OpenedSource } from './types.ts';

/** Pictures handed out at once, at most, and their bytes: they are held in memory. */
const AT_ONCE = 16;
const BYTES_AT_ONCE = 32 * 2 ** 20;

export interface Pictured {
  readonly identity: string;
  readonly fit: Fit;
  readonly total?: number | null;
  readonly timed?: boolean;
  /** In order; called once. */
  readonly entries: () => AsyncGenerator<Entry, unknown>;
  readonly warnings?: () => readonly string[];
  readonly close?: () => Promise<void> | void;
}

/** A source whose pictures are no files: its entries bring them along, or know how to fetch them. */
export function picturedSource({ identity, fit, total = null, timed = false, entries, warnings, close }: Pictured): OpenedSource {
  let reading: AsyncGenerator<Entry, unknown> | null = null;
  return {
    identity,
    total,
    fit,
    header: null,
    timed,
    faults: [],
    warnings: () => warnings?.() ?? [],
    async next(limit) {
      reading ??= entries();
      const batch: Entry[] = [];
      for (let bytes = 0; batch.length < Math.min(limit, AT_ONCE) && bytes < BYTES_AT_ONCE; ) {
        const step = await reading.next();
        if (step.done === true) break;
        batch.push(step.value);
        if ('sample' in step.value) bytes += step.value.bytes?.length ?? step.value.remote?.size ?? 0;
      }
      return batch;
    },
    async close() {
      await reading?.return(undefined);
      await close?.();
    },
  };
}
