import { map, type OperatorFunction } from 'rxjs';
import { isAlive, type Aside } from './items.ts';

/** Applies `work` to items that are to be looked at; failed and unchanged ones pass, in their place. */
export function whileAlive<In extends object, Out extends object, Past extends Aside = Aside>(work: (item: In) => Out): OperatorFunction<In | Past, Out | Past> {
  return map((item) => (isAlive(item) ? work(item as In) : (item as Past)));
}
