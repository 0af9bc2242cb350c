import { map, type OperatorFunction } from 'rxjs';
import type { Told } from '../schemas/told.ts';
import type { Aside, Recalled } from './items.ts';
import type { KnownItems } from './ports.ts';
import type { Engine } from './state/engine.ts';

/** Before the first item of a batch the engine hears what others have told by then. @param news what it has not heard yet; asked once for each batch that is not empty */
export function hear(engine: Engine, known: KnownItems, news: () => readonly Told[]): OperatorFunction<Recalled | Aside, Recalled | Aside> {
  return (source) =>
    source.pipe(
      map((item, i) => {
        if (i === 0) engine.hear(news(), known.nextSeq - 1);
        return item;
      }),
    );
}
