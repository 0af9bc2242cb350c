import type { OperatorFunction } from 'rxjs';
import { whileAlive } from './alive.ts';
import type { Decided, Failed } from './items.ts';
import { glimpseOf } from './state/camera/glimpse.ts';
import type { Engine } from './state/engine.ts';

/** Raises an alert when the item shows that a new, rare cluster is real, or that something is wrong with its camera. */
export function alert(engine: Engine): OperatorFunction<Decided | Failed, Decided | Failed> {
  return whileAlive((item: Decided) => ({ ...item, alerts: [...item.alerts, ...engine.watch(item, item.joined), ...engine.cameras.look(item.seq, item.sample, glimpseOf(item.small))] }));
}
