/** Reads any configuration file by its spec: every fault at once, each with line, column and, where one is known, a way to mend it. */
import type { z } from 'zod';
import { readNamed } from '../../infra/sources/named-file.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { type JsonSchema, namesAt, schemaOf } from './json-schema.ts';
import { type Fault, YamlFile } from './yaml/document.ts';
import { closest } from './yaml/suggest.ts';
import type { Environment } from './yaml/variables.ts';

const LARGEST = 1024 * 1024;
/** Told of one file at most: nobody reads more. */
const MOST_FAULTS = 100;

/** @param what the kind of file, for the error. @throws SluiceError SLUICE_E_CONFIG_INVALID where it cannot be read */
export function readText(file: string, what: string): string {
  return readNamed(file, `the ${what} ${file}`, LARGEST).toString('utf8').replace(/^\ufeff/, '');
}

/** @param file its name, for the faults. @throws SluiceError SLUICE_E_CONFIG_INVALID listing all faults, a line each */
export function parseConfig<Spec extends z.ZodType>(spec: Spec, text: string, file: string, env: Environment): z.output<Spec> {
  const yaml = new YamlFile(text, env);
  let { faults } = yaml;
  if (faults.length === 0) {
    const parsed = spec.safeParse(yaml.value() ?? {});
    if (parsed.success) return parsed.data;
    const schema = schemaOf(spec);
    faults = parsed.error.issues.flatMap((issue) => faultsOf(yaml, schema, issue));
  }
  const told = [...faults].sort((a, b) => a.offset - b.offset).slice(0, MOST_FAULTS).map((fault) => line(file, yaml, fault));
  const rest = faults.length - told.length;
  throw new SluiceError('SLUICE_E_CONFIG_INVALID', [...told, ...(rest > 0 ? [`${file}: and ${rest} faults more`] : [])].join('\n'));
}

function line(file: string, yaml: YamlFile, { offset, what, fix }: Fault): string {
  const mend = typeof fix === 'function' ? fix() : fix;
  return `${file}:${yaml.place(offset)}: ${what}${mend === undefined ? '' : ` (${mend})`}`;
}

/** No message quotes a value: it may have come from the environment and be secret. */
function faultsOf(yaml: YamlFile, schema: JsonSchema, issue: z.core.$ZodIssue): Fault[] {
  const { path } = issue;
  // Where a secret is to be named, what stands there may be the secret itself: the spec has words of its own.
  if (issue.code === 'unrecognized_keys' && issue.message.startsWith('Unrecognized')) return unknownSettings(yaml, namesAt(schema, path), path, issue.keys);
  if (issue.code === 'invalid_union') {
    // The alternative that was meant is the one of the right type; where there is none, all are named.
    const meant = issue.errors.find((errors) => !errors.some((error) => error.code === 'invalid_type' && error.path.length === 0));
    if (meant !== undefined) return meant.flatMap((inner) => faultsOf(yaml, schema, { ...inner, path: [...path, ...inner.path] }));
    const types = issue.errors.flatMap((errors) => errors.flatMap((error) => (error.code === 'invalid_type' ? [error.expected] : [])));
    return [{ offset: yaml.offsetOf(path), what: said(path, `expected ${types.join(' or ')}`) }];
  }
  return [{ offset: yaml.offsetOf(path), ...sentence(yaml, issue) }];
}

function unknownSettings(yaml: YamlFile, names: readonly string[], path: readonly PropertyKey[], keys: readonly string[]): Fault[] {
  const offsets = yaml.offsetsOfNames(path);
  const meant = (key: string): string => {
    const near = closest(key, names);
    return near === null ? `there are ${names.join(', ')}` : `did you mean ${near}?`;
  };
  return keys.map((key) => ({ offset: offsets.get(key) ?? yaml.offsetOf(path), what: said([...path, key], 'there is no such setting'), fix: () => meant(key) }));
}

function sentence(yaml: YamlFile, issue: z.core.$ZodIssue): { what: string; fix?: string | undefined } {
  const { path } = issue;
  const value = yaml.valueAt(path);
  if (issue.code === 'invalid_value') {
    const words = issue.values.map(String);
    const meant = typeof value === 'string' ? closest(value, words) : null;
    return { what: said(path, value === undefined ? 'is missing' : `expected one of ${words.join(', ')}`), fix: meant === null ? undefined : `did you mean ${meant}?` };
  }
  if (issue.code === 'invalid_type') {
    if (value === undefined && path.length > 0) return { what: said(path, 'is missing') };
    // Where the spec has words of its own for it, it is no text that is wanted.
    const quotes = issue.message.startsWith('Invalid input') && issue.expected === 'string' && (typeof value === 'number' || typeof value === 'boolean');
    return { what: said(path, lowered(issue.message)), fix: quotes ? 'put it in quotes' : undefined };
  }
  return { what: said(path, lowered(issue.message)) };
}

function lowered(message: string): string {
  return message.replace(/^Invalid input: |^Invalid string: /, '').replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

function said(path: readonly PropertyKey[], what: string): string {
  return path.length === 0 ? what : `${path.map(String).join('.')}: ${what}`;
}
