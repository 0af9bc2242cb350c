/** The pipeline file of `sluice run`: one spec gives its type, JSON Schema, lint and docs (docs/pipeline.md). */
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { HEALTH } from '../../operators/state/camera/camera.ts';
import type { Reveal } from '../../operators/state/labels.ts';
import type { Rate } from '../../operators/state/rate-budget.ts';
import { address, allOrNone, path } from './fields.ts';
import { kafkaSinks, kafkaSource } from './kafka.ts';
import { PolicySpec } from './policy.ts';
import { parseConfig, readText } from './read.ts';
import { secretRef } from './secret.ts';
import { DEFAULT_WORKERS, MOST_OBJECTS, objectsOf, revealOf } from './settings.ts';
import { duration, rate, size } from './units.ts';
import type { Environment } from './yaml/variables.ts';

const HOST = /^(\[[0-9a-fA-F:.]+\]|(\*\.)?[A-Za-z0-9][A-Za-z0-9._-]*)(:[1-9]\d{0,4})?$/;

function registry(folder: string) {
  return z
    .strictObject({
      url: address().meta({ examples: ['https://registry:8081'] }).describe('Schema registry with the interface of Confluent.'),
      username: secretRef(folder).optional().describe('User name, for basic authentication.'),
      password: secretRef(folder).optional().describe('Password.'),
    })
    .refine((given) => allOrNone(given, ['username', 'password']), 'username and password come together');
}

function images(folder: string) {
  const s3 = z
    .strictObject({
      endpoint: address().meta({ examples: ['https://s3.eu-central-1.amazonaws.com'] }).describe('Where s3:// references are fetched.'),
      buckets: z.array(z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "expected a bucket's name")).min(1, 'expected at least one bucket').describe('Buckets that references may name.'),
      region: z.string().min(1).default('us-east-1').describe('Region that requests are signed for.'),
      access_key: secretRef(folder).optional().describe('Access key; left out: requests are not signed.'),
      secret_key: secretRef(folder).optional().describe('Secret key.'),
      session_token: secretRef(folder).optional().describe('Token of a key that is lent for a time.'),
    })
    .refine((given) => allOrNone(given, ['access_key', 'secret_key']), 'access_key and secret_key come together')
    .refine(({ access_key, session_token }) => session_token === undefined || access_key !== undefined, 'a session_token belongs to an access_key');
  return z
    .strictObject({
      roots: z.array(path(folder)).prefault([]).describe('Folders under which file references may lie; none: no files are read.'),
      hosts: z.array(z.string().regex(HOST, 'expected a host, host:port or *.host')).default([]).describe('Hosts that http(s) references may name, `*.host` for all below it, `host:port` where it is not the usual port; none: nothing is fetched.'),
      private_addresses: z.boolean().default(false).describe('Whether those hosts may have addresses of private networks.'),
      s3: s3.optional().describe('Object store for s3:// references; left out: none is fetched.'),
      max_bytes: size('1kB', '1GB').prefault('20MB').describe('Size of an image file, at most.'),
      timeout: duration('100ms', '10m').prefault('10s').describe('Time to fetch one, at most.'),
      attempts: z.int().min(1).max(20).default(4).describe('Attempts in all where one fails that may work later, such as an object that is not there yet; each wait is twice as long.'),
      fit: z.enum(['crop', 'squash', 'tiles']).default('squash').describe("How a picture meets the model's square."),
    })
    .prefault({});
}

const budget = z
  .strictObject({
    share: z.number().gt(0).max(1).optional().describe('Share of the items to admit; or `rate`.'),
    rate: rate().optional().describe('Items to admit per minute, hour or day of event time; or `share`.'),
    per: z.enum(['fleet', 'stream']).default('fleet').describe('Whether all partitions share one budget, where much is new spending more of it, or each stream has its own.'),
  })
  .refine((given) => (given.share === undefined) !== (given.rate === undefined), 'give one of share and rate')
  .meta({ oneOf: [{ required: ['share'] }, { required: ['rate'] }] })
  .prefault({ share: 0.25 })
  .transform(({ share, rate: perTime, per }): Budget => (perTime === undefined ? { share: share ?? NaN, per } : { rate: perTime, per }));

type Budget = { readonly per: 'fleet' | 'stream' } & ({ readonly share: number } | { readonly rate: Rate });

const reveal = z
  .string()
  .regex(/^(all|never|admitted:[1-9]\d{0,8})$/, 'expected all, never or admitted:N with N from 1 on')
  .meta({ examples: ['admitted:200'] })
  .prefault('all')
  .transform((text): Reveal => revealOf(text) ?? { when: 'never' });

const objects = z
  .union([z.enum(['auto', 'off']), z.int().min(1).max(MOST_OBJECTS)])
  .prefault('auto')
  .transform((given) => objectsOf(String(given)) ?? 0);

/** @param folder what relative paths are relative to */
export function pipelineSpec(folder: string) {
  return z
    .strictObject({
      name: z
        .string()
        .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'expected up to 100 of a-z 0-9 . _ -, the first a letter or digit')
        .describe('Name of the pipeline; the consumer group and the transactional ids are made from it. Another name begins anew.'),
      source: z.strictObject({ kafka: kafkaSource(folder) }),
      sinks: z.strictObject({ kafka: kafkaSinks() }),
      registry: registry(folder).optional().describe('Left out: records are in the single-object encoding of Avro.'),
      images: images(folder),
      model: path(folder).optional().describe('ONNX file of the embedding model; default: the one that comes with Sluice.'),
      workers: z.int().min(1).max(64).optional().transform((given) => given ?? DEFAULT_WORKERS).describe('Embedding threads; default: one for each core, at most 4. Changes no decision.'),
      seed: z.int().min(0).max(2 ** 31 - 1).default(0).describe('Seed of all draws.'),
      budget,
      labels: z.strictObject({ reveal: reveal.describe('When the engine is shown the labels that samples carry: all (with the sample), never, or admitted:N (N items after an admitted one).') }).prefault({}),
      objects: objects.describe('Objects of an image with boxes that are embedded as crops of their own: auto (up to 32), off, or so many at most. Only where labels are revealed with the sample (all).'),
      health: z.enum(HEALTH).default('auto').describe('Alerts on cameras that are covered, dark, over-exposed, out of focus, frozen or moved (docs/health.md): auto (streams of frames of videos, whose ids end in `#t=` and their time), on (all streams), off. Changes no decision.'),
      purpose: z.enum(['train', 'validation']).default('train').describe('What the selection is for; a validation set takes no suspicious labels.'),
      validation_share: z.number().min(0).lt(1).default(0).describe('Of a train pipeline, by whole clusters: the part of them whose admitted items are for validation (`split` of the decision), under the rules of a validation set.'),
      policy: PolicySpec.prefault({}),
      campaigns: path(folder).optional().describe('YAML file of what is asked for or not wanted while the pipeline runs (docs/campaigns.md); it is read again when it changes.'),
      sharing: z.boolean().default(true).describe("Whether partitions tell each other, in the clusters topic, what they see and how they spend: what is common elsewhere is not rare here, and one budget is divided by what is new where. Off: each goes by itself."),
      delivery: z.enum(['exactly_once', 'at_least_once']).default('exactly_once').describe('at_least_once: outputs are written ahead of the transaction, which holds state and offsets alone, so that they are seen at once; after a failure some may be written again, with the same header `__sluice.event`.'),
      http: z
        .strictObject({
          host: z.string().min(1).default('127.0.0.1').describe('Address for /ping, /ready, /version and /metrics. 0.0.0.0: all of this machine; it asks for no password.'),
          port: z.int().min(0).max(65_535).default(4195).describe('Port; 0: any that is free.'),
        })
        .prefault({}),
    })
    .refine(({ budget: given, sharing }) => sharing || !('rate' in given) || given.per === 'stream', { message: 'a rate for all partitions together needs sharing: each would take all of it; give per: stream, or sharing: true', path: ['budget'] })
    .refine(({ purpose, validation_share }) => purpose === 'train' || validation_share === 0, { message: 'divides a train pipeline; with purpose: validation all of it is for validation', path: ['validation_share'] })
    // Also where there are other faults: all are told at once.
    .refine(topicsDiffer, { message: 'each topic needs a name of its own: one is named twice', path: ['sinks', 'kafka'], when: () => true });
}

/** Of anything, since the file may have other faults. */
function topicsDiffer(config: unknown): boolean {
  const at = (value: unknown, key: string): unknown => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined);
  const source = at(at(config, 'source'), 'kafka');
  const topics = [at(source, 'topic'), at(source, 'labels'), ...Object.values(at(at(config, 'sinks'), 'kafka') ?? {})].filter((name) => typeof name === 'string');
  return new Set(topics).size === topics.length;
}

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

/** A pipeline as read: defaults filled in, paths absolute, durations in milliseconds, sizes in bytes, secrets still to be loaded (`loadSecrets`). */
export type PipelineConfig = Frozen<z.output<ReturnType<typeof pipelineSpec>>>;

/** @param env for `${VAR}`. @throws SluiceError SLUICE_E_CONFIG_INVALID listing all faults */
export function readPipeline(file: string, env: Environment): PipelineConfig {
  return parsePipeline(readText(file, 'pipeline file'), file, env);
}

export function parsePipeline(text: string, file: string, env: Environment): PipelineConfig {
  return parseConfig(pipelineSpec(dirname(resolve(file))), text, file, env);
}
