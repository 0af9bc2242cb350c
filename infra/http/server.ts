/** What an orchestrator and Prometheus ask of a worker. It reads and never changes anything. */
import { fastify, type FastifyInstance } from 'fastify';
import { SluiceError } from '../../schemas/errors.ts';

export interface HttpOptions {
  /** Address of this machine; the loopback one is reached from here alone. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly version: string;
  /** Why the worker cannot take items now, a sentence each, free of secrets; empty: it can. */
  readonly waitingFor: () => readonly string[];
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
}

export interface HttpServer {
  /** Such as http://127.0.0.1:4195. */
  readonly url: string;
  /** Ends open connections too. */
  close(): Promise<void>;
}

/** @throws SluiceError SLUICE_E_HTTP_ADDRESS */
export async function openHttp(options: HttpOptions): Promise<HttpServer> {
  const { host, port } = options;
  // A scraper keeps its connection open, and one that sends nothing must not hold one for ever.
  const server = fastify({ forceCloseConnections: true, requestTimeout: 10_000, bodyLimit: 1024 });
  answer(server, options);
  try {
    const url = await server.listen({ host, port });
    return { url, close: () => server.close() };
  } catch (thrown) {
    await server.close();
    throw new SluiceError('SLUICE_E_HTTP_ADDRESS', `${host}:${port} cannot be listened on (${(thrown as NodeJS.ErrnoException).code ?? String(thrown)})`, { cause: thrown });
  }
}

function answer(server: FastifyInstance, { version, waitingFor, metrics }: HttpOptions): void {
  server.addHook('onSend', async (_, reply) => {
    reply.header('cache-control', 'no-store');
  });
  // The process runs: an orchestrator restarts it only where this fails. `/live` is what many try first.
  for (const path of ['/ping', '/live']) server.get(path, () => 'pong\n');
  server.get('/ready', (_, reply) => {
    const reasons = waitingFor();
    return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
  });
  server.get('/version', () => ({ version, node: process.versions.node }));
  server.get('/metrics', async (_, reply) => await reply.type(metrics.contentType).send(await metrics.text()));
  server.setNotFoundHandler((_, reply) => reply.code(404).send({ error: 'there are /ping, /live, /ready, /version and /metrics' }));
  // What went wrong inside is for the log, not for whoever asks.
  server.setErrorHandler((error: { statusCode?: number }, _, reply) => reply.code(error.statusCode ?? 500).send({ error: 'this request failed' }));
}
