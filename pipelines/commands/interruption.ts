/** Ctrl-C, SIGTERM and SIGHUP: the first ends the run after the batch under way, the second at once. Nothing that was committed is lost either way. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) return endAtOnce(name);
    process.stderr.write('\nstopping when what is under way is written; once more to stop at once\n');
    controller.abort();
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
