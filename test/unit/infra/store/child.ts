/** Run by tests as a process of its own: `hold` opens the store and waits to be killed, `write` commits 8 verdicts every 3 ms or so until it is, `read` reads all verdicts. */
import { SluiceError } from '../../../../schemas/errors.ts';
import { openReader } from '../../../../infra/store/reader.ts';
import { openStore } from '../../../../infra/store/sqlite.ts';
import { batchOf, decisionAt } from './decisions.ts';

/** The store is left to itself, for the garbage collector to take: its lock must outlive it. */
function hold(dir: string): void {
  openStore(dir);
  setInterval(() => globalThis.gc?.(), 10);
  setTimeout(() => console.log('open'), 50);
}

function write(dir: string): never {
  const store = openStore(dir);
  console.log('open');
  for (;;) {
    const first = store.nextSeq;
    store.commit(batchOf({
      decisions: Array.from({ length: 8 }, (_, i) => decisionAt(first + i)),
      changes: [{ kind: 'count', key: 0, value: Buffer.from(String(first + 8)) }],
    }));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3);
  }
}

function read(dir: string): void {
  const reader = openReader(dir);
  console.log(`${reader.totals().decided} decided, ${[...reader.decisions()].length} read`);
}

const tasks: Readonly<Record<string, (dir: string) => void>> = { hold, write, read };
const [dir = '', task = ''] = process.argv.slice(2);
try {
  tasks[task]?.(dir);
} catch (thrown) {
  console.log(thrown instanceof SluiceError ? thrown.code : String(thrown));
}
