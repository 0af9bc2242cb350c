/** Ctrl-C, SIGTERM and SIGHUP: the first ends the run after the batch under way, the second at once. Nothing that was committed is lost either way. */

/** A signal to a whole group of processes comes twice to who was started by npm, which hands it on: for so long a second one is the same. */
const SAME_MS = 250;

export function interruption(): AbortSignal {
  const controller = new AbortController();
  let first = Infinity;
  const onSignal = (name: NodeJS.Signals): void => {
    if (performance.now() - first >= SAME_MS) return endAtOnce(name);
    if (controller.signal.aborted) return;
    first = performance.now();
    process.stderr.write('\nstopping when what is under way is written\n');
    controller.abort();
    // Nobody waits for it where all ends before.
    setTimeout(() => process.stderr.write('once more to stop at once\n'), SAME_MS + 1).unref();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  // A terminal that is closed.
  process.on('SIGHUP', onSignal);
  return controller.signal;
}

/** By the system, as if it had never been caught: `process.exit` would end threads within calls of the model, which ends the process as a crash. */
function endAtOnce(name: NodeJS.Signals): void {
  process.removeAllListeners(name);
  process.kill(process.pid, name);
}
