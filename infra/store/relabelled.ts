import type { Label } from '../../schemas/sample.ts';
import type { Reader } from './types.ts';

export interface Relabelled {
  readonly id: string;
  readonly from: Label;
  readonly to: Label;
}

/** Items that two states of one folder have admitted with different labels. */
export function relabelled(before: Reader, after: Reader): readonly Relabelled[] {
  const labels = new Map([...before.decisions('admit')].map(({ id, label }) => [id, JSON.stringify(label)]));
  const found: Relabelled[] = [];
  for (const { id, label } of after.decisions('admit')) {
    const from = labels.get(id);
    if (from !== undefined && from !== JSON.stringify(label)) found.push({ id, from: JSON.parse(from) as Label, to: label });
  }
  return found;
}
