/**
 * A schema registry in memory, on loopback: the calls of Confluent's REST interface that a producer or consumer makes, with its error bodies and its default
 * compatibility (BACKWARD). It shares no code with infra/registry.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import avsc from 'avsc';

interface Reply {
  readonly status: number;
  /** Sent as JSON, or as it is where it is text. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RegistryServer {
  readonly url: string;
  /** `METHOD path` of every call so far. */
  readonly calls: readonly string[];
  /** What the next calls get instead of an answer, one each; `hang` gets none. */
  failNext(...replies: readonly (Reply | 'hang')[]): void;
  close(): Promise<void>;
}

type Schema = Parameters<typeof avsc.Type.forSchema>[0];

const refusal = (status: number, code: number, message: string): Reply => ({ status, body: { error_code: code, message } });

class Store {
  readonly #schemas: string[] = [];
  readonly #subjects = new Map<string, string[]>();

  register(subject: string, schema: string): Reply {
    const versions = this.#subjects.get(subject) ?? [];
    const latest = versions.at(-1);
    try {
      const type = avsc.Type.forSchema(JSON.parse(schema) as Schema);
      if (latest !== undefined && !versions.includes(schema) && !reads(type, latest)) return refusal(409, 409, `Schema being registered is incompatible with an earlier schema for subject "${subject}"`);
    } catch {
      return refusal(422, 42201, `Invalid schema ${schema}`);
    }
    if (!versions.includes(schema)) this.#subjects.set(subject, [...versions, schema]);
    if (!this.#schemas.includes(schema)) this.#schemas.push(schema);
    return { status: 200, body: { id: this.#schemas.indexOf(schema) + 1 } };
  }

  find(subject: string, schema: string): Reply {
    const versions = this.#subjects.get(subject);
    if (versions === undefined) return refusal(404, 40401, `Subject '${subject}' not found.`);
    const version = versions.indexOf(schema) + 1;
    if (version === 0) return refusal(404, 40403, 'Schema not found');
    return { status: 200, body: { subject, version, id: this.#schemas.indexOf(schema) + 1, schema } };
  }

  schema(id: number): Reply {
    const schema = this.#schemas[id - 1];
    return schema === undefined ? refusal(404, 40403, `Schema ${id} not found`) : { status: 200, body: { schema } };
  }
}

function reads(reader: avsc.Type, writer: string): boolean {
  try {
    reader.createResolver(avsc.Type.forSchema(JSON.parse(writer) as Schema));
    return true;
  } catch {
    return false;
  }
}

function answer(store: Store, method: string, path: string, body: string): Reply {
  if (method === 'GET' && path === '/schemas/types') return { status: 200, body: ['JSON', 'PROTOBUF', 'AVRO'] };
  const id = /^\/schemas\/ids\/(\d+)$/.exec(path)?.[1];
  if (method === 'GET' && id !== undefined) return store.schema(Number(id));
  const [, subject, versions] = /^\/subjects\/([^/]+)(\/versions)?$/.exec(path) ?? [];
  if (method !== 'POST' || subject === undefined) return refusal(404, 404, 'HTTP 404 Not Found');
  const { schema } = JSON.parse(body) as { schema: string };
  const name = decodeURIComponent(subject);
  return versions === undefined ? store.find(name, schema) : store.register(name, schema);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** @param authorization the header every call must have */
export async function startRegistry(authorization?: string): Promise<RegistryServer> {
  const store = new Store();
  const calls: string[] = [];
  const failures: (Reply | 'hang')[] = [];
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const { method = '', url: path = '' } = request;
    calls.push(`${method} ${path}`);
    const failure = failures.shift();
    if (failure === 'hang') return;
    const allowed = authorization === undefined || request.headers.authorization === authorization;
    const reply = failure ?? (allowed ? answer(store, method, path, body) : refusal(401, 401, 'Unauthorized'));
    const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
    response.writeHead(reply.status, { 'content-type': 'application/vnd.schemaregistry.v1+json', ...reply.headers }).end(text);
  }
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    failNext: (...replies) => void failures.push(...replies),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
