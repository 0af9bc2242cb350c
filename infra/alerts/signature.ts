/** Headers of a signed webhook, as Standard Webhooks has them (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md), so that its libraries verify them. */
import { createHmac } from 'node:crypto';

const ENCODED = 'whsec_';

/** @param secret `whsec_` and base64, or any text. @param seconds since 1970 */
export function signed(secret: string, id: string, seconds: number, body: string): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const timestamp = String(seconds);
  const key = secret.startsWith(ENCODED) ? Buffer.from(secret.slice(ENCODED.length), 'base64') : Buffer.from(secret, 'utf8');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
