/** Ports of 127.0.0.1 on which nobody listens. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below those that systems hand out for outgoing connections: a client that tries again while its broker restarts could
 * get the broker's port for itself.
 */
const FIRST = 20_000;
const END = 32_000;

export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(FIRST, END);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Does a broker's or Docker's message say that somebody was faster? */
export function isTaken(message: string): boolean {
  return /address already in use|port is already allocated|Unable to start acceptor/i.test(message);
}
