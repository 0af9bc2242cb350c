/** Progress on stderr: one line that is rewritten on a terminal, plain lines elsewhere. */
import type { Batch } from '../operators/ports.ts';

const PLAIN_EVERY_MS = 5000;
const TERMINAL_EVERY_MS = 200;

export interface Progress {
  add(batch: Batch): void;
  end(): void;
}

/** @param total entries in all, null where unknown. @param settled entries that were settled before this run */
export function progress(stream: NodeJS.WriteStream, total: number | null, settled: () => number, now: () => number = () => performance.now()): Progress {
  const start = now();
  const every = stream.isTTY ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS;
  let done = 0;
  let admitted = 0;
  let shown = start;
  let open = false;
  const show = (): void => {
    const text = progressLine({ done, admitted, total: total === null ? null : Math.max(done, total - settled()), seconds: (now() - start) / 1000 });
    stream.write(stream.isTTY ? `\r\u001b[2K${text}` : `${text}\n`);
    open = stream.isTTY;
  };
  return {
    add(batch) {
      done += batch.decisions.length + batch.dead.length;
      admitted += batch.decisions.filter(({ verdict }) => verdict === 'admit').length;
      if (now() - shown < every) return;
      shown = now();
      show();
    },
    end() {
      if (stream.isTTY && done > 0) show();
      if (open) stream.write('\n');
    },
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
