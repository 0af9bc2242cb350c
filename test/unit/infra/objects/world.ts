/** Servers on loopback, names that lead to them, and waits that take no time. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Address, Resolve } from '../../../../infra/objects/dial.ts';
import { openObjects, type World } from '../../../../infra/objects/open.ts';
import type { ObjectRules } from '../../../../infra/objects/rules.ts';
import type { ObjectStore } from '../../../../infra/objects/store.ts';
import { SluiceError } from '../../../../schemas/errors.ts';
import type { Certificate } from './certificate.ts';

export interface Served {
  readonly port: number;
  /** What it was asked, in order. */
  readonly requests: IncomingMessage[];
  /** Connections it has accepted. */
  connections: number;
}

/** A server on 127.0.0.1 that is gone when the test is; with a certificate it speaks TLS. */
export async function serve(answer: RequestListener, certificate?: Certificate): Promise<Served> {
  const requests: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    answer(request, response);
  };
  const server: Server = certificate === undefined ? createServer(listener) : createTlsServer({ ...certificate }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const served: Served = { port: (server.address() as AddressInfo).port, requests, connections: 0 };
  server.on('connection', () => (served.connections += 1));
  return served;
}

/** Every name leads to these addresses. */
export function resolvesTo(...addresses: readonly string[]): Resolve {
  return async () => addresses.map((address): Address => ({ address, family: address.includes(':') ? 6 : 4 }));
}

/** One attempt, unless the rules say otherwise, and all names on loopback. */
export function objects(rules: ObjectRules, world: Partial<World> = {}): ObjectStore {
  const store = openObjects({ privateAddresses: true, retries: { attempts: 1 }, ...rules }, { env: {}, sleep: async () => {}, resolve: resolvesTo('127.0.0.1'), ...world });
  onTestFinished(() => store.close());
  return store;
}

/** A store for the one host `images.test` at this port. */
export function storeFor(port: number, rules: ObjectRules = {}): ObjectStore {
  return objects({ hosts: [{ host: `images.test:${port}` }], ...rules });
}

/** A server that says what it is told to, byte by byte. */
export async function raw(answer: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

export function refer(uri: string, sha256: string | null = null): { uri: string; sha256: string | null } {
  return { uri, sha256 };
}

export async function failureOf(outcome: Promise<unknown>): Promise<SluiceError> {
  const thrown = await outcome.then(
    () => new Error('nothing failed'),
    (error: unknown) => error,
  );
  if (thrown instanceof SluiceError) return thrown;
  throw thrown;
}

/** The code and words of what failed. */
export async function causeOf(outcome: Promise<unknown>): Promise<readonly [string, string]> {
  const { code, message } = await failureOf(outcome);
  return [code, message];
}
