/** A webhook on loopback that answers as a test says, and keeps what it was sent. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

const closes: (() => void)[] = [];
afterAll(() => {
  for (const close of closes) close();
});

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Hook {
  readonly url: string;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/** @param answer is called for each request; a number is answered as a status, null never */
export async function startHook(answer: (received: Received, count: number) => number | null | ((response: ServerResponse) => void), port = 0): Promise<Hook> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      received.push(one);
      const said = answer(one, received.length);
      if (typeof said === 'function') said(response);
      else if (said !== null) response.writeHead(said).end('whatever');
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  closes.push(() => void close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in?from=here`, received, close };
}

/** As a receiver does it, by the specification alone. */
export function isSigned({ headers, body }: Received, key: Buffer): boolean {
  const [version, given = ''] = String(headers['webhook-signature']).split(',');
  const wanted = createHmac('sha256', key).update(`${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`).digest();
  const bytes = Buffer.from(given, 'base64');
  return version === 'v1' && bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
}
