import { map, type OperatorFunction } from 'rxjs';
import { isFailed, isUnchanged, type Aside, type Decided } from './items.ts';
import { glimpseOf } from './state/camera/glimpse.ts';
import type { Engine } from './state/engine.ts';

/** Raises an alert when the item shows that a new, rare cluster is real, or that something is wrong with its camera. */
export function alert(engine: Engine): OperatorFunction<Decided | Aside, Decided | Aside> {
  return map((item) => {
    if (isFailed(item)) return item;
    if (isUnchanged(item)) return { ...item, alerts: [...item.alerts, ...engine.cameras.look(item, item.glimpse ?? null)] };
    return { ...item, alerts: [...item.alerts, ...engine.watch(item, item.joined), ...engine.cameras.look(item, item.glimpse ?? glimpseOf(item.small))] };
  });
}
