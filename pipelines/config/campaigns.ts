/** The campaigns file: what people ask for, or want no more of, while a stream runs. */
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { MOST_CAMPAIGNS, MOST_EXAMPLES } from '../../operators/state/campaigns.ts';
import { path } from './fields.ts';
import { parseConfig, readText } from './read.ts';

const KINDS = ['more', 'none', 'class'] as const;

function campaign(folder: string) {
  const examples = z.array(path(folder)).min(1, 'expected at least one example').max(MOST_EXAMPLES).optional();
  return z
    .strictObject({
      name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,49}$/, 'expected up to 50 of a-z 0-9 -, the first a letter or digit').describe('What reasons and summaries call it; what was admitted for it counts on as long as it is in the file.'),
      more: examples.describe('More like these: image files, or embeddings in .npy files; or `none`, or `class`.'),
      none: examples.describe('None of these: what is like them is not eligible.'),
      class: z.string().min(1).optional().describe('All of this class.'),
      similarity: z.number().gt(0).max(1).optional().describe('Of `more` and `none`: similarity to an example from which an item is like it; default 0.35 for `more`, 0.5 for `none`.'),
      confidence: z.number().gt(0).max(1).optional().describe("Of `class`: confidence from which an item counts as of the class; default 0.8. A label that is shown and not in doubt decides; else it is the classifier's."),
      weight: z.number().gt(0).max(100).optional().describe('How much it is wanted: added to the log need of its classes, so that with 1 it is wanted as a class is of which there is e times less; default 2 for `more`, 10 (nearly all) for `class`. The budget stays what it is.'),
      cap: z.int().min(1).optional().describe('Items to admit, at most; then it asks for no more.'),
    })
    .superRefine((given, context) => {
      const kinds = KINDS.filter((kind) => given[kind] !== undefined);
      const fault = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message });
      const [kind] = kinds;
      if (kind === undefined || kinds.length > 1) return context.addIssue({ code: 'custom', message: 'give one of more, none and class' });
      if (kind === 'class' && given.similarity !== undefined) fault('similarity', 'is for more and none; a class has a confidence');
      if (kind !== 'class' && given.confidence !== undefined) fault('confidence', 'is for class; examples have a similarity');
      if (kind === 'none') for (const key of ['weight', 'cap'] as const) if (given[key] !== undefined) fault(key, 'what is not wanted has none');
    })
    .transform(({ name, more, none, class: wanted, similarity, confidence = 0.8, weight, cap }): CampaignSpec => {
      if (none !== undefined) return { kind: 'none', name, from: similarity ?? 0.5, files: none };
      const asking = { name, cap: cap ?? null };
      if (more !== undefined) return { kind: 'more', ...asking, from: similarity ?? 0.35, weight: weight ?? 2, files: more };
      return { kind: 'class', ...asking, from: confidence, weight: weight ?? 10, class: wanted ?? '' };
    });
}

/** A campaign whose examples are still to be read. */
export type CampaignSpec = { readonly name: string; readonly from: number } & (
  | { readonly kind: 'more'; readonly weight: number; readonly cap: number | null; readonly files: readonly string[] }
  | { readonly kind: 'class'; readonly weight: number; readonly cap: number | null; readonly class: string }
  | { readonly kind: 'none'; readonly files: readonly string[] }
);

/** @param folder what relative paths are relative to */
function campaignsSpec(folder: string) {
  const list = z.array(campaign(folder)).max(MOST_CAMPAIGNS).superRefine((campaigns, context) => {
    const names = campaigns.map(({ name }) => name);
    for (const [i, name] of names.entries()) if (names.indexOf(name) < i) context.addIssue({ code: 'custom', path: [i, 'name'], message: 'there is a campaign of this name already' });
  });
  return z.strictObject({ campaigns: list.default([]).describe('What is asked for, in place of what was asked for before.') });
}

/** @throws SluiceError SLUICE_E_CONFIG_INVALID listing all faults */
export function readCampaigns(file: string): readonly CampaignSpec[] {
  return parseCampaigns(readText(file, 'campaigns file'), file);
}

export function parseCampaigns(text: string, file: string): readonly CampaignSpec[] {
  return parseConfig(campaignsSpec(dirname(resolve(file))), text, file, process.env).campaigns;
}
