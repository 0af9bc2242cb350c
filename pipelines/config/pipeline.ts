/** The pipeline file of `sluice run`: one spec gives its type, JSON Schema, lint and docs (docs/pipeline.md). */
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { HEALTH } from '../../operators/state/camera/camera.ts';
import type { Reveal } from '../../operators/state/labels.ts';
import { type CommonFields, commonFields } from './common-fields.ts';
import { address, allOrNone, path } from './fields.ts';
import { kafkaSinks, kafkaSource } from './kafka.ts';
import { parseConfig, readText } from './read.ts';
import { secretRef } from './secret.ts';
import { MOST_OBJECTS, objectsOf, revealOf } from './settings.ts';
import { duration, size } from './units.ts';
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

function images(folder: string, common: CommonFields) {
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
      fit: common.fit,
    })
    .prefault({});
}

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
  const common = commonFields(folder);
  return z
    .strictObject({
      name: common.name,
      source: z.strictObject({ kafka: kafkaSource(folder) }),
      sinks: z.strictObject({ kafka: kafkaSinks() }),
      registry: registry(folder).optional().describe('Left out: records are in the single-object encoding of Avro.'),
      images: images(folder, common),
      model: common.model,
      workers: common.workers,
      seed: common.seed,
      budget: common.budget,
      labels: z.strictObject({ reveal: reveal.describe('When the engine is shown the labels that samples carry: all (with the sample), never, or admitted:N (N items after an admitted one).') }).prefault({}),
      objects: objects.describe('Objects of an image with boxes that are embedded as crops of their own: auto (up to 32), off, or so many at most. Only where labels are revealed with the sample (all).'),
      health: z.enum(HEALTH).default('auto').describe('Alerts on cameras that are covered, dark, over-exposed, out of focus, frozen or moved (docs/health.md): auto (streams of frames of videos, whose ids end in `#t=` and their time), on (all streams), off. Changes no decision.'),
      purpose: common.purpose,
      validation_share: common.validation_share,
      policy: common.policy,
      campaigns: common.campaigns,
      sharing: z.boolean().default(true).describe("Whether partitions tell each other, in the clusters topic, what they see and how they spend: what is common elsewhere is not rare here, and one budget is divided by what is new where. Off: each goes by itself."),
      delivery: z.enum(['exactly_once', 'at_least_once']).default('exactly_once').describe('at_least_once: outputs are written ahead of the transaction, which holds state and offsets alone, so that they are seen at once; after a failure some may be written again, with the same header `__sluice.event`.'),
      http: common.http,
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
