/** Alerts to a webhook: one signed POST each. */
import type { Alert } from '../../schemas/decision.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { alertJson } from '../../schemas/records-alert.ts';
import { Attempt } from '../objects/attempt.ts';
import { Dial, type Resolve, systemResolve } from '../objects/dial.ts';
import { signed } from './signature.ts';
import type { Sink } from './types.ts';

/** Of the 4xx: those that say "later". */
const LATER: readonly number[] = [408, 425, 429];

export interface WebhookSettings {
  readonly name: string;
  /** Any address, as of an S3 endpoint: nobody but the operator chooses it. What hands out a cloud's credentials is refused all the same. */
  readonly url: string;
  /** Looked up for each request, so that a file can be changed under way; null: not signed. @throws SluiceError SLUICE_E_SECRET */
  readonly secret: (() => string) | null;
  readonly timeoutMs: number;
}

/** @param now milliseconds since 1970 */
export function webhook({ name, url, secret, timeoutMs }: WebhookSettings, now: () => number, resolve: Resolve = systemResolve): Sink {
  const address = new URL(url);
  const dial = new Dial({ privateAddresses: true, resolve, authorities: undefined });
  const seconds = timeoutMs / 1000;
  return {
    name,
    async deliver(alert: Alert, signal: AbortSignal): Promise<void> {
      const body = alertJson(alert);
      const signature = secret === null ? { 'webhook-id': alert.id } : signed(secret(), alert.id, Math.floor(now() / 1000), body);
      const attempt = new Attempt({ seconds, idleSeconds: seconds }, signal);
      try {
        const answer = await attempt.within(dial.post(address, address.pathname + address.search, { 'content-type': 'application/json', ...signature }, body, attempt));
        const status = answer.statusCode ?? 0;
        // What it says is of no use, and may have no end.
        answer.destroy();
        judge(status);
      } catch (thrown) {
        throw failureOf(thrown, seconds, address);
      } finally {
        attempt.end();
      }
    },
    close: () => dial.close(),
  };
}

/** A redirect is not followed: the secret is for whoever is configured. */
function judge(status: number): void {
  if (status >= 200 && status < 300) return;
  const refused = status >= 400 && status < 500 && !LATER.includes(status);
  throw new SluiceError(refused ? 'SLUICE_E_SINK_REFUSED' : 'SLUICE_E_SINK_FAILED', `it answers ${status}${status >= 300 && status < 400 ? ', and redirects are not followed' : ''}`);
}

/** In words that hold nothing of the address. */
function failureOf(thrown: unknown, seconds: number, { hostname }: URL): unknown {
  if (!(thrown instanceof SluiceError)) return thrown;
  if (thrown.code === 'SLUICE_E_OBJECT_TIMEOUT') return new SluiceError('SLUICE_E_SINK_FAILED', `it did not answer within ${seconds} s`);
  if (thrown.code === 'SLUICE_E_OBJECT_UNAVAILABLE' || thrown.code === 'SLUICE_E_REFERENCE_REFUSED' || thrown.code === 'SLUICE_E_SECRET') {
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    return new SluiceError('SLUICE_E_SINK_FAILED', thrown.message.startsWith(`${host} `) ? `its host${thrown.message.slice(host.length)}` : thrown.message);
  }
  return thrown;
}
