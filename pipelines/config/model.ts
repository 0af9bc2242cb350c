/** A description of an embedding model: what an ONNX file does not say of itself. */
import { dirname, extname, resolve } from 'node:path';
import { z } from 'zod';
import type { ModelDescription } from '../../infra/onnx/description.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { path } from './fields.ts';
import { parseConfig, readText } from './read.ts';

/** @param folder what relative paths are relative to */
function modelSpec(folder: string) {
  const three = (what: string) => z.array(z.number()).length(3, 'expected three numbers, one a channel').describe(what);
  return z.strictObject({
    model: path(folder).describe('The ONNX file.'),
    input: z.string().min(1).optional().describe('Name of the tensor of pictures; default: the only one.'),
    output: z.string().min(1).optional().describe('Name of the tensor of embeddings, [n, d]; default: `embedding`, or the only one.'),
    size: z.int().min(8).max(1024).optional().describe('Side of the square that it takes, in pixels; default: what the model says.'),
    layout: z.enum(['nhwc', 'nchw']).optional().describe('Where the channels are; default: what the model says.'),
    channels: z.enum(['rgb', 'bgr']).optional().describe('Their order; default rgb.'),
    mean: three('Of a model of floats: what is taken off each channel, whose values are 0 to 1, in the order of `channels`.').optional(),
    std: three('Of a model of floats: what each channel is then divided by.').refine((values) => values.every((value) => value !== 0), 'nothing can be divided by 0').optional(),
  });
}

/** @param file an ONNX file, or a YAML file that describes one. @throws SluiceError SLUICE_E_CONFIG_INVALID listing all faults */
export function readModel(file: string): ModelDescription {
  if (!['.yaml', '.yml'].includes(extname(file).toLowerCase())) return { file };
  const { model, ...said } = parseConfig(modelSpec(dirname(resolve(file))), readText(file, 'description of a model'), file, process.env);
  return { file: model, ...said };
}

/** What `--model` or `--embeddings` says; undefined: the model that comes with Sluice, or that embeddings are given. @throws SluiceError SLUICE_E_CONFIG_INVALID */
export function readAnyModel({ model, embeddings }: { readonly model?: string; readonly embeddings?: string }): ModelDescription | undefined {
  if (model !== undefined && embeddings !== undefined) throw new SluiceError('SLUICE_E_CONFIG_INVALID', 'give --model or --embeddings, not both');
  return model === undefined ? undefined : readModel(model);
}
