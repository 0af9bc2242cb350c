/**
 * What the state of a partition was made under: how many partitions there were, since with another number streams part from their history, and the settings
 * that decide. Both stand in the changelog, the settings by the seq from which they hold, and whoever takes the partition over is held to them.
 */
import { Packer, Unpacker } from '../../operators/state/codec.ts';
import type { Change } from '../../schemas/decision.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { checkUnchanged, differences, type Settings } from '../run-config.ts';

const PARTITIONS = 'partitions';
const SETTINGS = 'settings';

export interface Terms {
  readonly partitions: number;
  readonly settings: Settings;
}

/** Null for what a changelog does not say: it is new, or older than this. */
export interface FoundTerms {
  readonly partitions: number | null;
  readonly settings: Settings | null;
}

/** Takes them out of a changelog. @returns also all else that is in it */
export function termsIn(changes: Iterable<Change>): { readonly was: FoundTerms; readonly state: readonly Change[] } {
  const state: Change[] = [];
  let partitions: number | null = null;
  let settings: Settings | null = null;
  let latest = -1;
  for (const change of changes) {
    const { kind, key, value } = change;
    if (kind !== PARTITIONS && kind !== SETTINGS) state.push(change);
    else if (value !== null && kind === PARTITIONS) partitions = new Unpacker(value).f64();
    else if (value !== null && key > latest) {
      latest = key;
      settings = JSON.parse(new Unpacker(value).text()) as Settings;
    }
  }
  return { was: { partitions, settings }, state };
}

/**
 * @param change whether other settings are wanted
 * @throws SluiceError SLUICE_E_TOPICS where there was another number of partitions, SLUICE_E_CONFIG_CHANGED naming each setting that differs
 */
export function checkTerms(was: FoundTerms, now: Terms, partition: number, change: boolean): void {
  if (was.partitions !== null && was.partitions !== now.partitions) {
    throw new SluiceError('SLUICE_E_TOPICS', `Partition ${partition} has the state of one of ${was.partitions}, and there are ${now.partitions} partitions now: the number must stay, since with another one streams part from their history.`);
  }
  checkUnchanged(was.settings, now.settings, change, { what: `partition ${partition}`, anew: 'give the pipeline another name and other topics', pictures: false });
}

/** The changelog records by which `now` holds from this seq on; none where it does already. */
export function newTerms(was: FoundTerms, now: Terms, seq: number): readonly Change[] {
  return [
    ...(was.partitions === null ? [{ kind: PARTITIONS, key: 0, value: new Packer().f64(now.partitions).done() }] : []),
    ...(was.settings === null || differences(was.settings, now.settings).length > 0 ? [{ kind: SETTINGS, key: seq, value: new Packer().text(JSON.stringify(now.settings)).done() }] : []),
  ];
}
