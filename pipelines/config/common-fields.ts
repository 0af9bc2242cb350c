/** The settings that pipelines of all kinds have. */
import { z } from 'zod';
import type { Rate } from '../../operators/state/rate-budget.ts';
import { path } from './fields.ts';
import { PolicySpec } from './policy.ts';
import { DEFAULT_WORKERS } from './settings.ts';
import { rate } from './units.ts';

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

export type CommonFields = ReturnType<typeof commonFields>;

/** @param folder what relative paths are relative to */
export function commonFields(folder: string) {
  return {
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'expected up to 100 of a-z 0-9 . _ -, the first a letter or digit')
      .describe('Name of the pipeline; the consumer group and the transactional ids are made from it. Another name begins anew.'),
    model: path(folder).optional().describe('Embedding model: an ONNX file, or a YAML file that describes one (docs/embeddings.md); default: the one that comes with Sluice.'),
    workers: z.int().min(1).max(64).optional().transform((given) => given ?? DEFAULT_WORKERS).describe('Embedding threads; default: one for each core, at most 4. Changes no decision.'),
    seed: z.int().min(0).max(2 ** 31 - 1).default(0).describe('Seed of all draws.'),
    budget,
    fit: z.enum(['crop', 'squash', 'tiles']).default('squash').describe("How a picture meets the model's square."),
    purpose: z.enum(['train', 'validation']).default('train').describe('What the selection is for; a validation set takes no suspicious labels.'),
    validation_share: z.number().min(0).lt(1).default(0).describe('Of a train pipeline, by whole clusters: the part of them whose admitted items are for validation (`split` of the decision), under the rules of a validation set.'),
    policy: PolicySpec.prefault({}),
    campaigns: path(folder).optional().describe('YAML file of what is asked for or not wanted while the pipeline runs (docs/campaigns.md); it is read again when it changes.'),
    http: z
      .strictObject({
        host: z.string().min(1).default('127.0.0.1').describe('Address for /ping, /ready, /version and /metrics. 0.0.0.0: all of this machine; it asks for no password.'),
        port: z.int().min(0).max(65_535).default(4195).describe('Port; 0: any that is free.'),
      })
      .prefault({}),
  };
}
