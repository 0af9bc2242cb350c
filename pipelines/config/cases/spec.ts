/** The config tests beside a pipeline file (`*.test.yaml`): what comes in, and the verdict that is expected of each item. */
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { parseTime } from '../../../infra/sources/time.ts';
import { REASONS } from '../../../schemas/reasons.ts';
import { path } from '../fields.ts';
import { parseConfig, readText } from '../read.ts';

/** Of the made-up embeddings. Enough that directions drawn at random are nearly at right angles. */
export const DIMENSION = 64;
const MOST_ITEMS = 20_000;

type Reason = keyof typeof REASONS;
const DECIDING = (Object.keys(REASONS) as Reason[]).filter((code) => REASONS[code].verdict !== null);

const expectation = z
  .strictObject({
    verdict: z.enum(['admit', 'reject']).optional().describe('The verdict.'),
    reason: z.enum(DECIDING as [Reason, ...Reason[]]).optional().describe('The reason that decided: a code of [reasons.md](reasons.md).'),
    review: z.boolean().optional().describe('Whether its label is to be reviewed.'),
  })
  .refine(({ verdict, reason }) => verdict === undefined || reason === undefined || REASONS[reason].verdict === verdict, 'this reason leads to the other verdict');

const quality = z.strictObject({
  brightness: z.number().min(0).max(1).default(0.5).describe('Mean brightness, 0 black to 1 white.'),
  contrast: z.number().min(0).max(0.5).default(0.2).describe('Spread of brightness.'),
  sharpness: z.number().min(0).default(500).describe('Sharpness of edges.'),
});

const label = z.union([z.string(), z.array(z.string())]).optional();
const similarity = z.number().min(-1).max(1).optional();

const item = z
  .strictObject({
    id: z.string().min(1).describe('Of the item; with `repeat` the copies are id#1, id#2 and so on.'),
    repeat: z.int().min(1).max(MOST_ITEMS).default(1).describe('So many items, each with a picture of its own.'),
    stream: z.string().min(1).default('default').describe('Camera or source.'),
    time: z.string().transform((text, context) => parseTime(text) ?? unzoned(context)).optional().describe('ISO 8601 with a zone.'),
    label: label.describe('A class, or a list of classes.'),
    embedding: z.array(z.number()).min(1).max(DIMENSION).refine((x) => x.some((value) => value !== 0), 'a vector of length 0 has no direction').optional().describe(`Direction of the embedding; up to ${DIMENSION} numbers, the others are 0.`),
    like: z.string().optional().describe('An item before it, to which its embedding has the `similarity` given. Neither this nor `embedding`: it is like nothing else.'),
    similarity: similarity.describe('To the item named by `like`, -1 to 1.'),
    copy_of: z.string().optional().describe('An item before it whose file it is, byte for byte.'),
    quality: quality.prefault({}),
    expect: expectation.prefault({}),
  })
  .refine(({ embedding, like, copy_of }) => [embedding, like, copy_of].filter((given) => given !== undefined).length <= 1, 'give one of embedding, like and copy_of')
  .refine((given) => (given.like === undefined) === (given.similarity === undefined), 'like and similarity come together');

function unzoned(context: z.core.$RefinementCtx<string>): number {
  context.issues.push({ code: 'custom', input: context.value, message: 'expected ISO 8601 with Z or an offset, such as 2026-11-23T08:00:00Z' });
  return 0;
}

const test = z
  .strictObject({
    name: z.string().min(1).describe('What the test shows.'),
    items: z.array(item).min(1, 'expected at least one item'),
    admitted: z
      .strictObject({ min: z.int().min(0).optional().describe('Items admitted, at least.'), max: z.int().min(0).optional().describe('Items admitted, at most.') })
      .prefault({}),
  })
  .superRefine(({ items }, context) => {
    const known = new Set<string>();
    for (const [i, { id, repeat, like, copy_of }] of items.entries()) {
      const refuse = (setting: string, message: string): void => context.addIssue({ code: 'custom', path: ['items', i, setting], message });
      for (const [setting, other] of Object.entries({ like, copy_of })) if (other !== undefined && !known.has(other)) refuse(setting, 'no item before this one has that id');
      for (const copy of idsOf(id, repeat)) {
        if (known.has(copy)) refuse('id', 'another item before has this id');
        known.add(copy);
      }
    }
    if (known.size > MOST_ITEMS) context.addIssue({ code: 'custom', path: ['items'], message: `more than ${MOST_ITEMS} items` });
  });

export function idsOf(id: string, repeat: number): readonly string[] {
  return repeat === 1 ? [id] : Array.from({ length: repeat }, (_, i) => `${id}#${i + 1}`);
}

/** @param folder what the path of the pipeline is relative to */
export function casesSpec(folder: string) {
  return z.strictObject({
    pipeline: path(folder).describe('The pipeline file, relative to this one.'),
    env: z.record(z.string(), z.string()).default({}).describe('Values for its variables. Nothing else of the environment is seen, so that the test says the same everywhere.'),
    tests: z.array(test).min(1, 'expected at least one test'),
  });
}

export type CaseFile = z.output<ReturnType<typeof casesSpec>>;
export type Case = CaseFile['tests'][number];
export type CaseItem = Case['items'][number];

/** @throws SluiceError SLUICE_E_CONFIG_INVALID listing all faults */
export function readCases(file: string): CaseFile {
  return parseConfig(casesSpec(dirname(resolve(file))), readText(file, 'test file'), file, {});
}
