/** Progress on stderr: one line that is rewritten on a terminal, plain lines elsewhere. */
import type { Batch } from '../operators/ports.ts';

const PLAIN_EVERY_MS = 5000;
const TERMINAL_EVERY_MS = 200;

export interface Progress {
  add(batch: Batch): void;
  end(): void;
}

/** A line that says how far something is, shown now and then. */
export interface Ticker {
  tick(): void;
  /** @param last whether a terminal is to show how it ended */
  end(last: boolean): void;
}

export function ticker(stream: NodeJS.WriteStream, line: () => string, now: () => number = () => performance.now()): Ticker {
  const every = stream.isTTY ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS;
  let shown = now();
  let open = false;
  const show = (): void => {
    stream.write(stream.isTTY ? `\r\u001b[2K${line()}` : `${line()}\n`);
    open = stream.isTTY;
  };
  return {
    tick() {
      if (now() - shown < every) return;
      shown = now();
      show();
    },
    end(last) {
      if (stream.isTTY && last) show();
      if (open) stream.write('\n');
    },
  };
}

/** @param total entries in all, null where unknown. @param settled entries that were settled before this run */
export function progress(stream: NodeJS.WriteStream, total: number | null, settled: () => number, now: () => number = () => performance.now()): Progress {
  const start = now();
  let done = 0;
  let admitted = 0;
  const shown = ticker(stream, () => progressLine({ done, admitted, total: total === null ? null : Math.max(done, total - settled()), seconds: (now() - start) / 1000 }), now);
  return {
    add(batch) {
      done += batch.decisions.length + batch.dead.length;
      admitted += batch.decisions.filter(({ verdict }) => verdict === 'admit').length;
      shown.tick();
    },
    end: () => shown.end(done > 0),
  };
}

export function progressLine({ done, admitted, total, seconds }: { done: number; admitted: number; total: number | null; seconds: number }): string {
  const rate = seconds > 0 ? done / seconds : 0;
  const of = total === null ? `${done}` : `${done} of ${total}`;
  const left = total === null || rate === 0 ? '' : `, ${duration((total - done) / rate)} left`;
  return `${of} decided, ${admitted} kept, ${rate.toFixed(0)} images/s${left}`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
