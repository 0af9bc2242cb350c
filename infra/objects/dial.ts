/** Connections to hosts: the one place where Sluice decides whom it connects to on behalf of a sample. */
import { lookup } from 'node:dns/promises';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { SluiceError } from '../../schemas/errors.ts';
import { errno } from '../sources/text.ts';
import { reachOf } from './address.ts';
import type { Attempt } from './attempt.ts';

export interface Address {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a name. */
export type Resolve = (name: string) => Promise<readonly Address[]>;

export const systemResolve: Resolve = (name) => lookup(name, { all: true });

export interface DialOptions {
  readonly privateAddresses: boolean;
  readonly resolve: Resolve;
  /** Certificates to trust, in PEM; by default the well-known ones. */
  readonly authorities: readonly string[] | undefined;
}

export class Dial {
  readonly #privateAddresses: boolean;
  readonly #resolve: Resolve;
  // Agents of its own: a connection is used again only by requests that the same rules hold for, and no proxy of the environment comes in between.
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https: HttpsAgent;

  constructor({ privateAddresses, resolve, authorities }: DialOptions) {
    this.#privateAddresses = privateAddresses;
    this.#resolve = resolve;
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
    this.#https = new HttpsAgent({ keepAlive: true, rejectUnauthorized: true, ca: authorities === undefined ? undefined : [...authorities] });
  }

  /** Asks for `path` of the URL's host. @param path encoded, with its query. @returns the answer, its body unread, whatever its status */
  get(url: URL, path: string, headers: Readonly<Record<string, string>>, attempt: Attempt): Promise<IncomingMessage> {
    return this.#request(url, path, headers, attempt, null);
  }

  /** Sends `body` to `path` of the URL's host, and is otherwise as `get`. */
  post(url: URL, path: string, headers: Readonly<Record<string, string>>, body: string, attempt: Attempt): Promise<IncomingMessage> {
    return this.#request(url, path, { 'content-length': String(Buffer.byteLength(body)), ...headers }, attempt, body);
  }

  async #request({ protocol, hostname, port }: URL, path: string, headers: Readonly<Record<string, string>>, attempt: Attempt, body: string | null): Promise<IncomingMessage> {
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    // An address is connected to without being looked up.
    if (isIP(host) !== 0) this.#allowed(host, [{ address: host, family: isIP(host) }]);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const secure = protocol === 'https:';
    const request = (secure ? httpsRequest : httpRequest)({
      host,
      port: port === '' ? (secure ? 443 : 80) : Number(port),
      path,
      method: body === null ? 'GET' : 'POST',
      headers: { 'user-agent': 'sluice', accept: '*/*', 'accept-encoding': 'identity', ...headers },
      agent: secure ? this.#https : this.#http,
      lookup: this.#lookup,
      signal: attempt.signal,
    });
    request.once('response', (answer) => {
      // It may break off before anybody reads it; then reading says so.
      answer.on('error', () => {});
      attempt.heard();
      resolve(answer);
    });
    request.on('error', reject);
    request.once('close', () => reject(new SluiceError('SLUICE_E_OBJECT_UNAVAILABLE', 'the connection was closed without an answer')));
    request.end(body ?? undefined);
    try {
      return await promise;
    } catch (thrown) {
      throw failureOf(thrown);
    }
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  /** Looks a name up and hands on allowed addresses only, and these are connected to: a name that means another address a moment later changes nothing. */
  readonly #lookup: LookupFunction = (name, { all }, callback) => {
    const give = ([first, ...others]: readonly [Address, ...Address[]]): void => (all === true ? callback(null, [first, ...others]) : callback(null, first.address, first.family));
    const fail = (thrown: NodeJS.ErrnoException): void => callback(thrown, '');
    this.#addresses(name).then(give, fail);
  };

  async #addresses(name: string): Promise<readonly [Address, ...Address[]]> {
    return this.#allowed(name, await this.#resolve(name));
  }

  #allowed(name: string, found: readonly Address[]): readonly [Address, ...Address[]] {
    const [first, ...others] = found.filter(({ address }) => {
      const reach = reachOf(address);
      return reach === 'public' || (reach === 'private' && this.#privateAddresses);
    });
    if (first !== undefined) return [first, ...others];
    if (found.length === 0) throw new SluiceError('SLUICE_E_OBJECT_UNAVAILABLE', `${name} has no address`);
    throw new SluiceError('SLUICE_E_REFERENCE_REFUSED', `${name} has no address that may be connected to: private and special ones are refused`);
  }
}

/** What a broken exchange means. Where the attempt is over, nobody hears of it. */
export function failureOf(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  return new SluiceError('SLUICE_E_OBJECT_UNAVAILABLE', `the exchange with the host failed (${errno(thrown) || 'unknown error'})`, { cause: thrown });
}
