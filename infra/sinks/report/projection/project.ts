/** From items to places: takes up the stored map, or makes one, and extends it by what is new. */
import { setImmediate } from 'node:timers/promises';
import { extendProjection, fitProjection } from './fit.ts';
import { loadProjection, saveProjection } from './file.ts';
import { placer } from './place.ts';
import type { Placeable } from './types.ts';
import { hash01 } from './vectors.ts';

/** So that copies of one image lie side by side and can be told apart. */
const STIR = 0.07;
const BREATH = 2000;

/**
 * @param file where the map is kept; null keeps none
 * @returns [x0, y0, x1, …]; NaN for items without a vector of this model
 * @throws SluiceError SLUICE_E_DISK_FULL, SLUICE_E_NOT_WRITABLE
 */
export async function project(items: Placeable, model: string, file: string | null): Promise<Float32Array> {
  const places = new Float32Array(items.length * 2).fill(Number.NaN);
  if (items.length === 0) return places;
  const stored = file === null ? null : loadProjection(file, model);
  const dimension = newestDimension(items);
  const old = stored !== null && stored.vectors.dim === dimension ? stored : null;
  const projection = old === null ? fitProjection(items, model) : extendProjection(old, items);
  if (projection === null) return places;
  if (file !== null && projection !== old) saveProjection(file, projection);
  const place = placer(projection);
  for (let i = 0; i < items.length; i++) {
    if (i % BREATH === BREATH - 1) await setImmediate();
    const vector = items.vector(i);
    if (vector === null || vector.length !== dimension) continue;
    const seq = items.seq(i);
    const { x, y } = place(vector, seq);
    const angle = 2 * Math.PI * hash01(seq, 21);
    const radius = STIR * Math.sqrt(hash01(seq, 22));
    places[i * 2] = x + radius * Math.cos(angle);
    places[i * 2 + 1] = y + radius * Math.sin(angle);
  }
  return places;
}

/** Of the newest item, the one that the model in force has made. */
function newestDimension(items: Placeable): number {
  for (let i = items.length - 1; i >= 0; i--) {
    const vector = items.vector(i);
    if (vector !== null) return vector.length;
  }
  return 0;
}
