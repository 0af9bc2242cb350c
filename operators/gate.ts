import type { Numbered, Unchanged } from './items.ts';
import { CHANGED } from './state/gate/look.ts';
import type { Gates } from './state/gate/gates.ts';

/**
 * Rejects a frame of a camera that shows what the camera showed before, from its glimpse: before it is decoded in full. What came without a glimpse passes.
 * No operator: it is asked when an entry arrives, in the order of the stream, while earlier ones are still being decoded.
 */
export function gate(gates: Gates): (entry: Numbered) => Numbered | Unchanged {
  return (entry) => {
    if ('error' in entry || entry.glimpse === undefined) return entry;
    const { seq, sample, glimpse, bytes } = entry;
    const { passes, changed, mark } = gates.look(seq, sample, glimpse, bytes !== undefined);
    return passes ? { ...entry, mark } : { seq, sample, glimpse, mark, unchanged: { code: 'unchanged', value: changed, threshold: CHANGED }, digest: '', amends: [], alerts: [], unused: [] };
  };
}
