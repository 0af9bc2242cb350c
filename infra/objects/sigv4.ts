/**
 * AWS Signature Version 4 of a GET without a body, the one kind of request there is here.
 * Source: "Create a signed AWS API request" in the IAM User Guide, and "Signature Calculations for the Authorization Header" in the S3 API Reference.
 */
import { createHash, createHmac } from 'node:crypto';

export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export interface Credentials {
  readonly keyId: string;
  readonly secretKey: string;
}

export interface Scope {
  readonly region: string;
  readonly service: string;
}

/** `20130524T000000Z` */
export function amzDate(time: Date): string {
  return time.toISOString().replace(/[-:]|\.\d+/g, '');
}

/** A key as the path of a URL and of the signature: every byte but A-Z a-z 0-9 - . _ ~ and the slashes in hexadecimal. */
export function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/').replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * The header `authorization`.
 * @param path encoded. @param headers all that are signed, in lower case, `host` and `x-amz-date` among them
 */
export function authorization(path: string, headers: Readonly<Record<string, string>> & { readonly 'x-amz-date': string }, { region, service }: Scope, { keyId, secretKey }: Credentials): string {
  const time = headers['x-amz-date'];
  const date = time.slice(0, 8);
  const names = Object.keys(headers).sort();
  const signed = names.join(';');
  const lines = names.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`).join('');
  const canonical = `GET\n${path}\n\n${lines}\n${signed}\n${EMPTY_SHA256}`;
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${createHash('sha256').update(canonical).digest('hex')}`;
  const key = [date, region, service, 'aws4_request'].reduce<Buffer | string>((previous, part) => hmac(previous, part), `AWS4${secretKey}`);
  return `AWS4-HMAC-SHA256 Credential=${keyId}/${scope}, SignedHeaders=${signed}, Signature=${hmac(key, text).toString('hex')}`;
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
