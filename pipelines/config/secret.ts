/** Secrets: the configuration only says where each is; what it is comes when the pipeline runs, and is never shown. */
import { closeSync, openSync, readSync } from 'node:fs';
import { inspect } from 'node:util';
import { z } from 'zod';
import { SluiceError } from '../../schemas/errors.ts';
import { path } from './fields.ts';
import type { Environment } from './yaml/variables.ts';

/** Where a secret is: a variable of the environment, or a file (an absolute path). */
export type SecretRef = { readonly env: string } | { readonly file: string };

const HOW = 'a secret is never written here: give {env: NAME} or {file: PATH}';
/** A chain of certificates is a few kilobytes. */
const LARGEST = 256 * 1024;

export function secretRef(folder: string) {
  return z
    .strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of a variable').optional(), file: path(folder).optional() }, { error: HOW })
    .refine(({ env, file }) => (env === undefined) !== (file === undefined), 'give one of env and file')
    .meta({ oneOf: [{ required: ['env'] }, { required: ['file'] }] })
    .transform(({ env, file }): SecretRef => (env === undefined ? { file: file ?? '' } : { env }));
}

/** A value that no log, error or report shows. Whoever hands it to a client asks for it by name. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [inspect.custom](): string {
    return '***';
  }
}

/** @throws SluiceError SLUICE_E_SECRET, which names the place and never what is there */
export function loadSecret(ref: SecretRef, env: Environment): Secret {
  if ('file' in ref) return new Secret(fileText(ref.file));
  const value = Object.hasOwn(env, ref.env) ? env[ref.env] : undefined;
  if (value === undefined || value === '') throw new SluiceError('SLUICE_E_SECRET', `the variable ${ref.env} is ${value === undefined ? 'not set' : 'empty'}`);
  return new Secret(value);
}

/** Without the line ends that editors and `echo` put behind it. */
function fileText(file: string): string {
  let text: string;
  try {
    text = firstBytes(file).replace(/[\r\n]+$/, '');
  } catch (thrown) {
    throw new SluiceError('SLUICE_E_SECRET', `the file ${file} could not be read (${(thrown as NodeJS.ErrnoException).code ?? 'unknown'})`, { cause: thrown });
  }
  if (text === '') throw new SluiceError('SLUICE_E_SECRET', `the file ${file} is empty`);
  return text;
}

/** At most LARGEST: a wrong path may lead to something without end. */
function firstBytes(file: string): string {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(LARGEST);
    let length = 0;
    for (let got = -1; got !== 0 && length < LARGEST; length += got) got = readSync(handle, bytes, length, LARGEST - length, null);
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(handle);
  }
}
