/** What is said to a broker on leaving is told in so many milliseconds or not at all: it finds out by itself when the session is over. */
export const CLOSE_MS = 3000;

/** Resolves when the work is over, well or not, and at the latest after `ms`; what still goes on is left to itself. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}
