/** How late the event loop comes round. Sampled by a timer of our own, since those delays can be summed up over workers, which a maximum since the last look cannot. */
const EVERY_MS = 100;

/** @param observe is given seconds. @returns how to end it */
export function watchLoopDelay(observe: (seconds: number) => void): () => void {
  let due = performance.now() + EVERY_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    observe(Math.max(0, now - due) / 1000);
    due = now + EVERY_MS;
  }, EVERY_MS);
  // It keeps no process alive.
  timer.unref();
  return () => clearInterval(timer);
}
