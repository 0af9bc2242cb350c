/** A folder for an export that is of one time, or of what has come since one. */
import type { Reader, StoredDecision } from '../store/types.ts';
import { relabelled } from '../store/relabelled.ts';

/**
 * @param warn is told what the user should know of it
 * @throws SluiceError SLUICE_E_NOT_FOUND where there is no such version
 */
export function grown(folder: Reader, { version, since }: { readonly version?: string | undefined; readonly since?: string | undefined }, warn: (sentence: string) => void): Reader {
  const held = version === undefined ? null : folder.asOf(version);
  if (held !== null && held.forgotten > 0) warn(`${held.forgotten} of the ${held.version.admitted} items of version ${version} were forgotten since and are not in it.`);
  const whole = held ?? folder;
  if (since === undefined) return whole;
  const before = folder.asOf(since);
  const had = new Set([...before.decisions()].map(({ seq }) => seq));
  const changed = relabelled(before, whole).length;
  if (changed > 0) warn(`${changed} ${changed === 1 ? 'item' : 'items'} of version ${since} ${changed === 1 ? 'has another label' : 'have other labels'} now; sluice diff tells which. Only what is new is written.`);
  const count = [...whole.decisions('admit')].filter(({ seq }) => !had.has(seq)).length;
  function* fresh(): Generator<StoredDecision> {
    for (const decision of whole.decisions('admit')) if (!had.has(decision.seq)) yield decision;
  }
  return { ...whole, totals: () => ({ ...whole.totals(), admitted: count }), decisions: (verdict) => (verdict === 'reject' ? [] : fresh()) };
}
