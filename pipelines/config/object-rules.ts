import type { ObjectRules } from '../../infra/objects/rules.ts';
import type { PipelineConfig } from './pipeline.ts';

/** Longest time in which nothing comes, in seconds. */
const IDLE = 15;

/** What samples may refer to. */
export function objectRules({ images }: PipelineConfig): ObjectRules {
  const { roots, hosts, private_addresses, s3, max_bytes, timeout, attempts } = images;
  const seconds = timeout / 1000;
  return {
    roots,
    hosts: hosts.map((host) => ({ host })),
    privateAddresses: private_addresses,
    limits: { bytes: max_bytes, seconds, idleSeconds: Math.min(IDLE, seconds) },
    retries: { attempts },
    ...(s3 === undefined ? {} : { s3: storeOf(s3) }),
  };
}

function storeOf({ endpoint, region, buckets, access_key, secret_key, session_token }: NonNullable<PipelineConfig['images']['s3']>): NonNullable<ObjectRules['s3']> {
  const store = { endpoint, region, buckets };
  return access_key === undefined || secret_key === undefined ? store : { ...store, credentials: { keyId: access_key, secretKey: secret_key, sessionToken: session_token } };
}
