/** One call to the registry: JSON there and back, with a limit of time and size, tried again where that can help. */
import { setTimeout } from 'node:timers/promises';
import { SluiceError } from '../../schemas/errors.ts';
import { addressOf, redact, type Address, type Credentials } from './address.ts';
import type { Answer, Call } from './answer.ts';

/** More than any schema; what is longer is no answer of a registry. */
const MAX_ANSWER_BYTES = 4 * 2 ** 20;
/** The first wait before another attempt; each further one is twice as long. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;
const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json';

export interface RegistryOptions {
  /** http: or https:, with a path where the registry has one; credentials in it are used and never shown. */
  readonly url: string;
  readonly credentials?: Credentials | null;
  /** For each attempt, 10,000 by default. */
  readonly timeoutMs?: number;
  /** In all, 5 by default. */
  readonly attempts?: number;
  readonly fetch?: typeof fetch;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** An attempt that failed in a way that may pass. */
interface Passing {
  readonly reason: string;
  /** As the registry asks for; null where it does not. */
  readonly waitMs: number | null;
}

export interface Asking {
  readonly address: Address;
  /** The registry's last word, whatever its status. @throws SluiceError SLUICE_E_REGISTRY_UNAVAILABLE where there is none */
  readonly ask: (call: Call) => Promise<Answer>;
}

/** @throws SluiceError SLUICE_E_CONFIG_INVALID */
export function askingOf({ url, credentials = null, timeoutMs = 10_000, attempts = 5, fetch: fetched = fetch, sleep = setTimeout }: RegistryOptions): Asking {
  const address = addressOf(url, credentials);
  return {
    address,
    async ask(call) {
      for (let attempt = 1; ; attempt++) {
        const outcome = await attemptOnce(address, call, timeoutMs, fetched);
        if ('status' in outcome) return outcome;
        if (attempt >= attempts) throw new SluiceError('SLUICE_E_REGISTRY_UNAVAILABLE', `the schema registry ${address.url} failed ${attempts} times, the last time with: ${outcome.reason}`);
        await sleep(Math.min(outcome.waitMs ?? FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS));
      }
    },
  };
}

async function attemptOnce(address: Address, { method, path, body }: Call, timeoutMs: number, fetched: typeof fetch): Promise<Answer | Passing> {
  const headers: Record<string, string> = { accept: `${MEDIA_TYPE}, application/json` };
  if (address.authorization !== null) headers['authorization'] = address.authorization;
  if (body !== undefined) headers['content-type'] = MEDIA_TYPE;
  try {
    // A redirect is not followed: it would take the credentials along, or turn a POST into a GET.
    const response = await fetched(`${address.url}${path}`, { method, headers, body: body === undefined ? null : JSON.stringify(body), redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    const { status } = response;
    const text = await textOf(response);
    if (status === 429 || status >= 500) return { reason: `HTTP ${status} ${redact(text ?? '', address).slice(0, 200)}`.trim(), waitMs: waitOf(response) };
    return { status, json: jsonOf(text) };
  } catch (thrown) {
    return { reason: redact(networkReason(thrown, timeoutMs), address), waitMs: null };
  }
}

/** Null where it is too long. */
async function textOf({ body }: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function waitOf({ headers }: Response): number | null {
  const seconds = headers.get('retry-after');
  return seconds !== null && /^\d+$/.test(seconds) ? Number(seconds) * 1000 : null;
}

function networkReason(thrown: unknown, timeoutMs: number): string {
  if (!(thrown instanceof Error)) return String(thrown);
  if (thrown.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  // fetch says only that it failed; why is in its cause.
  const { cause } = thrown;
  return cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : thrown.message;
}
