/** Images below a prefix of an S3 bucket, or of any store that speaks S3. Credentials, region and endpoint are those that AWS's own tools would take (environment, profiles, roles). */
import { GetObjectCommand, type ListObjectsV2CommandOutput, NoSuchKey, paginateListObjectsV2, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { Entry, Fit } from '../../operators/ports.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { DEFAULT_LIMITS } from '../media/limits.ts';
import { isOtherKind } from './other-kinds.ts';
import { picturedSource } from './pictured.ts';
import { errno, plural, show } from './text.ts';
import { FILE_FIT, type OpenedSource } from './types.ts';

interface Listed {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
}

/**
 * All objects below a prefix, which is taken as a folder, in the store's order (by the bytes of their keys). Ids are keys without the prefix. As in a folder,
 * names that begin with a dot and files of plainly another kind are no items. The list is read as it is needed: what comes in the meantime may be in it.
 * @throws SluiceError SLUICE_E_SOURCE_UNKNOWN where the bucket may not be listed or nothing is there; SLUICE_E_OBJECT_UNAVAILABLE where the store cannot be reached, which also `next` and reading throw
 */
export async function openS3(location: string, fit: Fit = FILE_FIT): Promise<OpenedSource> {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(location) ?? [];
  if (bucket === '') throw new SluiceError('SLUICE_E_SOURCE_UNKNOWN', `${show(location)} names no bucket: s3://bucket/prefix.`);
  const prefix = path === '' || path.endsWith('/') ? path : `${path}/`;
  const place = `s3://${bucket}/${prefix}`;
  const client = new S3Client({ followRegionRedirects: true, ...(hasEndpoint() ? { forcePathStyle: true } : {}) });
  const others = { count: 0 };
  const objects = listed(client, bucket, prefix, others);
  try {
    const first = await objects.next();
    if (first.done === true) throw new SluiceError('SLUICE_E_SOURCE_UNKNOWN', `There is no image below ${place}${others.count === 0 ? '' : `, only ${plural(others.count, 'file')} of plainly another kind`}.`);
    const { value } = first;
    return picturedSource({
      identity: place,
      fit,
      async *entries() {
        yield entryOf(client, bucket, prefix, value);
        try {
          for await (const object of objects) yield entryOf(client, bucket, prefix, object);
        } catch (thrown) {
          failed(place, thrown);
        }
      },
      warnings: () => (others.count === 0 ? [] : [`${plural(others.count, 'object')} of plainly another kind (by extension) ${others.count === 1 ? 'was' : 'were'} passed over.`]),
      async close() {
        await objects.return();
        client.destroy();
      },
    });
  } catch (thrown) {
    client.destroy();
    return failed(place, thrown, statusOf(thrown) === null ? 'SLUICE_E_OBJECT_UNAVAILABLE' : 'SLUICE_E_SOURCE_UNKNOWN');
  }
}

/** Stores that are not AWS's are addressed by path: few have names for each bucket. */
function hasEndpoint(): boolean {
  return (process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'] ?? '') !== '';
}

async function* listed(client: S3Client, bucket: string, prefix: string, others: { count: number }): AsyncGenerator<Listed, void> {
  const pages: AsyncIterable<ListObjectsV2CommandOutput> = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix });
  for await (const { Contents = [] } of pages) {
    for (const { Key: key = '', Size: size = 0, ETag: etag = '' } of Contents) {
      const parts = key.slice(prefix.length).split('/');
      const name = parts.at(-1) ?? '';
      // A key that ends with a slash stands for a folder.
      if (name === '' || parts.some((part) => part.startsWith('.'))) continue;
      if (isOtherKind(name)) others.count += 1;
      else yield { key, size, etag };
    }
  }
}

function entryOf(client: S3Client, bucket: string, prefix: string, { key, size, etag }: Listed): Entry {
  const id = key.slice(prefix.length);
  const uri = `s3://${bucket}/${key}`;
  const bad = (code: 'SLUICE_E_IMAGE_EMPTY' | 'SLUICE_E_IMAGE_TOO_LARGE', cause: string): Entry => ({ id, error: new SluiceError(code, cause) });
  if (size === 0) return bad('SLUICE_E_IMAGE_EMPTY', `${uri} holds no bytes.`);
  if (size > DEFAULT_LIMITS.bytes) return bad('SLUICE_E_IMAGE_TOO_LARGE', `${uri} has ${size} bytes, over the limit of ${DEFAULT_LIMITS.bytes} bytes.`);
  const sample = { id, uri, stream: 'default', time: null, label: null, origin: null };
  return { sample, remote: { size, stamp: `${size} ${etag}`, read: () => read(client, bucket, key, size) } };
}

async function read(client: S3Client, bucket: string, key: string, size: number): Promise<Uint8Array | SluiceError> {
  try {
    // No more than the list says: what grew since is cut, and then no picture.
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range: `bytes=0-${size - 1}` }));
    return (await Body?.transformToByteArray()) ?? new SluiceError('SLUICE_E_IMAGE_EMPTY', `s3://${bucket}/${key} holds no bytes.`);
  } catch (thrown) {
    if (thrown instanceof NoSuchKey || statusOf(thrown) === 404) return new SluiceError('SLUICE_E_OBJECT_MISSING', `s3://${bucket}/${key} was listed and is not there any more.`, { cause: thrown });
    if (statusOf(thrown) === 403) return new SluiceError('SLUICE_E_OBJECT_DENIED', `s3://${bucket}/${key} is not handed out (${nameOf(thrown)}).`, { cause: thrown });
    return failed(`s3://${bucket}/${key}`, thrown);
  }
}

/** The SDK has tried three times by then. */
function failed(place: string, thrown: unknown, code: 'SLUICE_E_SOURCE_UNKNOWN' | 'SLUICE_E_OBJECT_UNAVAILABLE' = 'SLUICE_E_OBJECT_UNAVAILABLE'): never {
  if (thrown instanceof SluiceError) throw thrown;
  const status = statusOf(thrown);
  throw new SluiceError(code, `${place} cannot be read: ${nameOf(thrown)}${status === null ? '' : ` (status ${status})`}.`, { cause: thrown });
}

function statusOf(thrown: unknown): number | null {
  return thrown instanceof S3ServiceException ? (thrown.$metadata.httpStatusCode ?? null) : null;
}

/** The name of a fault, without its words, but for those that everybody meets: words may show more than is meant for a log. */
function nameOf(thrown: unknown): string {
  const { name, message } = thrown instanceof Error ? thrown : { name: 'unknown fault', message: '' };
  if (name === 'CredentialsProviderError') return 'no credentials were found (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role)';
  if (message === 'Region is missing') return 'no region is set (AWS_REGION, or that of a profile)';
  return errno(thrown) || name;
}
