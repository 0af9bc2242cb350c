/** What an operator of Sluice allows samples to refer to. What is not listed is refused: whoever may write samples may not choose where Sluice connects to. */

/** A secret is never in the configuration itself. A file is read for each request, so that it can be changed under way; a line break at its end is no part of it. */
export type Secret = { readonly env: string } | { readonly file: string };

export interface HostRule {
  /** `images.example.com`, `images.example.com:8443`, `[2001:db8::1]`, or `*.example.com` for all names below it, but not for itself. Without a port: 443 for https, 80 for http. */
  readonly host: string;
  /** Sent with each request to this host and to no other. */
  readonly headers?: Readonly<Record<string, Secret>> | undefined;
  /** Whether `headers` may go over plain http, for all to read on the way; else such references are refused. */
  readonly clear?: boolean | undefined;
}

export interface S3Rule {
  /** Scheme, host and port, for instance `https://s3.eu-central-1.amazonaws.com` or `http://minio:9000`. Any address: nobody but the operator chooses it. Buckets are addressed by path. */
  readonly endpoint: string;
  readonly region: string;
  readonly buckets: readonly string[];
  /** Without them requests are anonymous. */
  readonly credentials?: { readonly keyId: Secret; readonly secretKey: Secret; readonly sessionToken?: Secret | undefined } | undefined;
}

export interface ObjectLimits {
  /** Bytes of an object; 1 or more. A body that does not tell its length in advance may have a quarter of it. */
  readonly bytes: number;
  /** Seconds for one attempt, from the first connection to the last byte; waiting for memory is not counted. */
  readonly seconds: number;
  /** Seconds in which nothing comes. */
  readonly idleSeconds: number;
}

export interface Retries {
  /** Attempts in all; 1 or more. */
  readonly attempts: number;
  /** Milliseconds before the second attempt; each further wait is twice as long. */
  readonly firstMs: number;
  /** No wait is longer. */
  readonly mostMs: number;
}

export interface ObjectRules {
  /** Folders for `file:`, absolute. */
  readonly roots?: readonly string[] | undefined;
  /** Hosts for `http:` and `https:`, redirects included. */
  readonly hosts?: readonly HostRule[] | undefined;
  /** Whether `hosts` may have private addresses: of this machine, its network, link-local. Those that hand out a cloud's credentials stay forbidden. */
  readonly privateAddresses?: boolean | undefined;
  readonly s3?: S3Rule | undefined;
  /** A PEM file with certificates of authorities to trust besides the well-known ones. */
  readonly authorities?: string | undefined;
  readonly limits?: Partial<ObjectLimits> | undefined;
  readonly retries?: Partial<Retries> | undefined;
}
