/** A small S3-compatible server. It checks signatures by code of its own, from what arrived on the wire. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';

export interface S3Options {
  /** By `bucket/key`. */
  readonly objects: ReadonlyMap<string, Buffer>;
  readonly keys: ReadonlyMap<string, { readonly secret: string; readonly token?: string }>;
  readonly region: string;
  readonly now: () => Date;
  /** Buckets that anybody may read. */
  readonly open?: readonly string[];
}

/** What an S3 error says besides its status. */
type Complaint = readonly [status: number, code: string];

export function s3({ objects, keys, region, now, open = [] }: S3Options): RequestListener {
  return (request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1);
    const bucket = path.slice(0, path.indexOf('/'));
    const found = objects.get(path);
    const bad = open.includes(bucket) && request.headers.authorization === undefined ? null : check(request);
    const missing: Complaint = [...objects.keys()].some((key) => key.startsWith(`${bucket}/`)) ? [404, 'NoSuchKey'] : [404, 'NoSuchBucket'];
    const complaint = request.method === 'GET' ? (bad ?? (found === undefined ? missing : null)) : ([405, 'MethodNotAllowed'] as const);
    if (complaint === null) response.writeHead(200, { 'content-type': 'image/jpeg' }).end(found);
    else response.writeHead(complaint[0], { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?><Error><Code>${complaint[1]}</Code><Resource>${path}</Resource></Error>`);
  };

  function check(request: IncomingMessage): Complaint | null {
    const [, id = '', date, zone, signed = '', signature = ''] = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(request.headers.authorization ?? '') ?? [];
    const key = keys.get(id);
    if (signature === '') return [403, 'AccessDenied'];
    if (key === undefined) return [403, 'InvalidAccessKeyId'];
    if (zone !== region) return [400, 'AuthorizationHeaderMalformed'];
    const time = String(request.headers['x-amz-date']);
    const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time) ?? [];
    const age = now().getTime() - Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    if (!(Math.abs(age) <= 15 * 60_000) || !time.startsWith(String(date))) return [403, 'RequestTimeTooSkewed'];
    if (request.headers['x-amz-security-token'] !== key.token) return [403, 'InvalidToken'];
    // Everything that means something to S3 must be under the signature.
    const names = signed.split(';');
    const required = ['host', ...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'))];
    if (!required.every((name) => names.includes(name)) || names.join(';') !== [...names].sort().join(';')) return [403, 'AccessDenied'];

    const lines = names.map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
    const canonical = ['GET', request.url, '', lines.join(''), signed, request.headers['x-amz-content-sha256']].join('\n');
    const toSign = ['AWS4-HMAC-SHA256', time, `${date}/${region}/s3/aws4_request`, createHash('sha256').update(canonical).digest('hex')].join('\n');
    let hash = Buffer.from(`AWS4${key.secret}`);
    for (const part of [String(date), region, 's3', 'aws4_request', toSign]) hash = createHmac('sha256', hash).update(part).digest();
    return timingSafeEqual(hash, Buffer.from(signature, 'hex')) ? null : [403, 'SignatureDoesNotMatch'];
  }
}
