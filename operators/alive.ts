import { map, type OperatorFunction } from 'rxjs';
import { isFailed, type Failed } from './items.ts';

/** Applies `work` to items that are still well; failed ones pass, in their place. */
export function whileAlive<In extends object, Out extends object>(work: (item: In) => Out): OperatorFunction<In | Failed, Out | Failed> {
  return map((item) => (isFailed(item) ? item : work(item)));
}
