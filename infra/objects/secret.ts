import { readFileSync } from 'node:fs';
import { errno, show } from '../sources/text.ts';
import type { Secret } from './rules.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** What may stand in a header, which is where all of these go. */
const SENDABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** A secret's value, or why there is none, in words that hold nothing of it. */
export function secretOf(secret: Secret, env: Env): { readonly value: string } | { readonly fault: string } {
  const place = 'env' in secret ? `the environment variable ${secret.env}` : `the file ${show(secret.file)}`;
  let value: string;
  try {
    value = 'env' in secret ? (env[secret.env] ?? '') : readFileSync(secret.file, 'utf8').replace(/\r?\n$/, '');
  } catch (thrown) {
    return { fault: `${place} cannot be read (${errno(thrown) || 'unknown error'})` };
  }
  if (value === '') return { fault: `${place} is ${'env' in secret ? 'not set' : 'empty'}` };
  return SENDABLE.test(value) ? { value } : { fault: `${place} holds characters that cannot be sent in a header` };
}
