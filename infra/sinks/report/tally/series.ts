/** What the charts over time need of each decision: 15 bytes an item. */
import type { StoredDecision } from '../../../store/types.ts';
import { Column } from './column.ts';
import { Names } from './names.ts';

export class Series {
  readonly seq = new Column(Uint32Array);
  readonly admitted = new Column(Uint8Array);
  readonly stream = new Column(Uint16Array);
  readonly time = new Column(Float64Array);
  readonly streams = new Names(65_535);
  /** Whether every item so far has an event time. */
  timed = true;

  add(decision: StoredDecision): void {
    this.seq.push(decision.seq);
    this.admitted.push(decision.verdict === 'admit' ? 1 : 0);
    this.stream.push(this.streams.number(decision.stream));
    this.time.push(decision.time ?? 0);
    this.timed &&= decision.time !== null;
  }
}
