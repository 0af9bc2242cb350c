/** Objects at http: and https: URLs, on configured hosts. */
import type { IncomingMessage } from 'node:http';
import { SluiceError } from '../../schemas/errors.ts';
import { show } from '../sources/text.ts';
import { openAnswer, statusError, type Opened } from './answer.ts';
import type { Attempt } from './attempt.ts';
import type { Dial } from './dial.ts';
import { findHost, type AllowedHost } from './hosts.ts';
import type { HostRule } from './rules.ts';
import { secretOf, type Env } from './secret.ts';

/** Image hosts hand on to a store or a cache; who needs more than this goes in circles. */
const MOST_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export class Web {
  readonly #hosts: readonly AllowedHost[];
  readonly #dial: Dial;
  readonly #env: Env;
  readonly #limit: number;

  /** @param limit bytes of an object */
  constructor(hosts: readonly AllowedHost[], dial: Dial, env: Env, limit: number) {
    this.#hosts = hosts;
    this.#dial = dial;
    this.#env = env;
    this.#limit = limit;
  }

  /** Redirects are followed, each under the same rules as the first URL, and with the headers of its own host only. */
  async open(uri: string, attempt: Attempt): Promise<Opened> {
    let url = this.#checked(uri, null);
    for (let followed = 0; ; followed++) {
      const answer = await this.#dial.get(url, `${url.pathname}${url.search}`, this.#headers(url), attempt);
      try {
        const target = this.#target(answer, url);
        if (target === null) return openAnswer(answer, this.#limit, attempt);
        if (followed === MOST_REDIRECTS) throw refused(`${url.host} redirects after ${MOST_REDIRECTS} redirects`);
        url = target;
        answer.destroy();
      } catch (thrown) {
        answer.destroy();
        throw thrown;
      }
    }
  }

  /** Where an answer sends on to; null where it is the object. */
  #target({ statusCode = 0, headers: { location } }: IncomingMessage, from: URL): URL | null {
    if (statusCode === 200) return null;
    if (!REDIRECTS.has(statusCode) || location === undefined) throw statusError(from.host, statusCode);
    const target = this.#checked(location, from);
    if (from.protocol === 'https:' && target.protocol !== 'https:') throw refused(`${from.host} redirects from https to plain http`);
    return target;
  }

  #checked(given: string, from: URL | null): URL {
    const what = from === null ? 'the reference' : `the redirect of ${from.host}`;
    const url = URL.parse(given, from?.href);
    if (url === null) throw refused(`${what} is no URL`);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(`${what} leads to another protocol`);
    if (url.username !== '' || url.password !== '') throw refused(`${what} holds a user name or a password`);
    if (this.#rule(url) === null) throw refused(`${what} leads to ${show(url.host)}, which is no configured host`);
    return url;
  }

  #rule(url: URL): HostRule | null {
    return findHost(this.#hosts, url);
  }

  #headers(url: URL): Record<string, string> {
    const { headers = {}, clear = false } = this.#rule(url) ?? {};
    const entries = Object.entries(headers);
    if (entries.length > 0 && url.protocol === 'http:' && !clear) throw refused(`the headers configured for ${url.host} are not sent over plain http`);
    return Object.fromEntries(entries.map(([name, secret]) => {
      const found = secretOf(secret, this.#env);
      if ('fault' in found) throw new SluiceError('SLUICE_E_OBJECT_UNAVAILABLE', `a header for ${url.host}: ${found.fault}`);
      return [name, found.value];
    }));
  }
}

/** Its words name hosts at most: paths and queries can hold tokens. */
function refused(cause: string): SluiceError {
  return new SluiceError('SLUICE_E_REFERENCE_REFUSED', cause);
}
