/** The two sides of a comparison as a command line names them. */
import { existsSync } from 'node:fs';
import { SluiceError } from '../../schemas/errors.ts';

/** A folder, and a version of it; null is what it has admitted now. */
export interface Place {
  readonly dir: string;
  readonly version: string | null;
}

/** @param places `DIR a`, `DIR a b`, or two of `DIR` and `DIR:VERSION`. @throws SluiceError SLUICE_E_USAGE */
export function placesOf(places: readonly string[]): readonly [Place, Place] {
  const [first = '', second = '', third] = places;
  if (places.length < 2 || places.length > 3) throw new SluiceError('SLUICE_E_USAGE', 'diff takes a folder with one or two versions, or two of DIR:VERSION.');
  if (third !== undefined) return [{ dir: first, version: second }, { dir: first, version: third }];
  const other = placeOf(second);
  if (other.version !== null || existsSync(second)) return [placeOf(first), other];
  return [{ dir: first, version: second }, { dir: first, version: null }];
}

function placeOf(text: string): Place {
  const colon = text.lastIndexOf(':');
  return colon < 0 || existsSync(text) ? { dir: text, version: null } : { dir: text.slice(0, colon), version: text.slice(colon + 1) };
}
