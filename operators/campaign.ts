import { map, type OperatorFunction } from 'rxjs';
import type { Aside, Recalled } from './items.ts';
import type { Campaign } from './state/campaigns.ts';
import type { Engine } from './state/engine.ts';

/** Before the first item of a batch the engine is told what people ask for by then. @param asked the same list until it changes */
export function campaign(engine: Engine, asked: () => readonly Campaign[]): OperatorFunction<Recalled | Aside, Recalled | Aside> {
  return (source) =>
    source.pipe(
      map((item, i) => {
        if (i === 0) engine.campaign(asked(), item.seq - 1);
        return item;
      }),
    );
}
