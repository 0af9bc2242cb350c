/** Objects at s3://bucket/key, in one S3-compatible store. */
import type { IncomingMessage } from 'node:http';
import { SluiceError } from '../../schemas/errors.ts';
import { show } from '../sources/text.ts';
import { openAnswer, statusError, type Opened } from './answer.ts';
import type { Attempt } from './attempt.ts';
import { collect } from './collect.ts';
import type { Dial } from './dial.ts';
import type { S3Rule, Secret } from './rules.ts';
import { secretOf, type Env } from './secret.ts';
import { amzDate, authorization, EMPTY_SHA256, encodeKey } from './sigv4.ts';

const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/;
/** Bytes of UTF-8, by S3. */
const LONGEST_KEY = 1024;
/** Bytes of an answer that says what is wrong. */
const LONGEST_COMPLAINT = 4096;

export class S3 {
  readonly #rule: S3Rule;
  readonly #endpoint: URL;
  readonly #dial: Dial;
  readonly #env: Env;
  readonly #now: () => Date;
  readonly #limit: number;

  /** @param rule without faults, by `s3Faults`. @param limit bytes of an object */
  constructor(rule: S3Rule, dial: Dial, { env, now }: { readonly env: Env; readonly now: () => Date }, limit: number) {
    this.#rule = rule;
    this.#endpoint = new URL(rule.endpoint);
    this.#dial = dial;
    this.#env = env;
    this.#now = now;
    this.#limit = limit;
  }

  async open(uri: string, attempt: Attempt): Promise<Opened> {
    const path = pathOf(uri, this.#rule.buckets);
    const answer = await this.#dial.get(this.#endpoint, path, this.#headers(path), attempt);
    try {
      if (answer.statusCode === 200) return openAnswer(answer, this.#limit, attempt);
      throw statusError(this.#endpoint.host, answer.statusCode ?? 0, await complaint(answer));
    } catch (thrown) {
      answer.destroy();
      throw thrown;
    }
  }

  #headers(path: string): Record<string, string> {
    const { credentials, region } = this.#rule;
    if (credentials === undefined) return {};
    const { keyId, secretKey, sessionToken } = credentials;
    const headers = {
      host: this.#endpoint.host,
      'x-amz-content-sha256': EMPTY_SHA256,
      'x-amz-date': amzDate(this.#now()),
      ...(sessionToken === undefined ? {} : { 'x-amz-security-token': this.#secret(sessionToken) }),
    };
    return { ...headers, authorization: authorization(path, headers, { region, service: 's3' }, { keyId: this.#secret(keyId), secretKey: this.#secret(secretKey) }) };
  }

  #secret(secret: Secret): string {
    const found = secretOf(secret, this.#env);
    if ('fault' in found) throw new SluiceError('SLUICE_E_OBJECT_UNAVAILABLE', `the credentials for ${this.#endpoint.host}: ${found.fault}`);
    return found.value;
  }
}

export function s3Faults({ endpoint, region, buckets, credentials }: S3Rule, env: Env): string[] {
  const url = URL.parse(endpoint);
  const origin = url !== null && ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === '' && url.pathname === '/' && url.search === '' && url.hash === '';
  const secrets = credentials === undefined ? [] : [credentials.keyId, credentials.secretKey, ...(credentials.sessionToken === undefined ? [] : [credentials.sessionToken])];
  return [
    // Not shown: it may hold a password.
    ...(origin ? [] : ['the S3 endpoint is no http(s) URL of scheme, host and port alone']),
    ...(/^[a-z0-9-]+$/i.test(region) ? [] : [`the S3 region ${show(region)} is none`]),
    ...buckets.filter((bucket) => !BUCKET.test(bucket)).map((bucket) => `the S3 bucket ${show(bucket)} is no name of a bucket`),
    ...secrets.map((secret) => secretOf(secret, env)).flatMap((found) => ('fault' in found ? [`the S3 credentials: ${found.fault}`] : [])),
  ];
}

/**
 * The path of an object, encoded. Keys are taken as all tools for S3 write them, without percent-encoding.
 * A part `.` or `..` is refused: on its way to the store it might be taken for a folder, and another bucket be read.
 */
function pathOf(uri: string, buckets: readonly string[]): string {
  const { bucket, key } = /^s3:\/\/(?<bucket>[^/]+)\/(?<key>.+)$/is.exec(uri)?.groups ?? {};
  const refused = (cause: string): SluiceError => new SluiceError('SLUICE_E_REFERENCE_REFUSED', cause);
  if (bucket === undefined || key === undefined) throw refused('the reference is not of the form s3://bucket/key');
  if (!buckets.includes(bucket)) throw refused(`${show(bucket)} is no configured bucket`);
  if (Buffer.byteLength(key) > LONGEST_KEY) throw refused(`the key is longer than ${LONGEST_KEY} bytes`);
  if (key.split('/').some((part) => part === '.' || part === '..')) throw refused('the key has a part "." or ".."');
  return `/${bucket}/${encodeKey(key)}`;
}

/** The code in an S3 error (`AccessDenied`): letters only, whoever wrote it. */
async function complaint(answer: IncomingMessage): Promise<string> {
  try {
    const bytes = await collect(answer, null, LONGEST_COMPLAINT, () => {});
    return /<Code>([A-Za-z]{1,60})<\/Code>/.exec(bytes.toString('latin1'))?.[1] ?? '';
  } catch {
    return '';
  }
}
