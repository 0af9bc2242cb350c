/** Reads a policy file: every fault at once, each with line and column. */
import { readFileSync } from 'node:fs';
import { isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import type { z } from 'zod';
import type { Policy } from '../../operators/state/policy.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { PolicySpec } from './policy.ts';

interface Fault {
  readonly offset: number;
  readonly what: string;
}

/** @throws SluiceError SLUICE_E_CONFIG_INVALID listing all faults */
export function readPolicy(file: string): Policy {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    const why = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    throw new SluiceError('SLUICE_E_CONFIG_INVALID', `the policy file ${file} could not be read (${why})`, { cause: thrown });
  }
  return parsePolicy(text, file);
}

export function parsePolicy(text: string, file: string): Policy {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  let faults = syntaxFaults(document);
  if (faults.length === 0) {
    const parsed = PolicySpec.safeParse(document.toJS() ?? {});
    if (parsed.success) return parsed.data;
    faults = parsed.error.issues.flatMap((issue) => settingFaults(document, issue));
  }
  const told = faults.sort((a, b) => a.offset - b.offset).map(({ offset, what }) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}: ${what}`;
  });
  throw new SluiceError('SLUICE_E_CONFIG_INVALID', told.join('\n'));
}

/** Aliases are none of it: they may name what is not there, or multiply without end, and a list of numbers needs none. */
function syntaxFaults(document: Document.Parsed): Fault[] {
  const faults: Fault[] = document.errors.map((error) => ({ offset: error.pos[0], what: error.message.split('\n', 1)[0] ?? '' }));
  visit(document, { Alias: (_, alias) => void faults.push({ offset: alias.range?.[0] ?? 0, what: `write the value itself in place of the alias *${alias.source}` }) });
  return faults;
}

function settingFaults(document: Document, issue: z.core.$ZodIssue): Fault[] {
  const said = (path: readonly PropertyKey[], what: string): string => (path.length === 0 ? what : `${path.map(String).join('.')}: ${what}`);
  if (issue.code !== 'unrecognized_keys') return [{ offset: offsetOf(document, issue.path), what: said(issue.path, issue.message) }];
  return issue.keys.map((key) => ({ offset: offsetOfName(document, issue.path, key), what: said([...issue.path, key], 'there is no such setting') }));
}

/** Where the value at the path begins, or the nearest one around it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = nodeAt(document, path.slice(0, length));
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

/** Where the name of a setting stands. */
function offsetOfName(document: Document, path: readonly PropertyKey[], key: string): number {
  const group = nodeAt(document, path);
  const pair = isMap(group) ? group.items.find((item) => isScalar(item.key) && String(item.key.value) === key) : undefined;
  return isNode(pair?.key) && pair.key.range ? pair.key.range[0] : offsetOf(document, path);
}

function nodeAt(document: Document, path: readonly PropertyKey[]): unknown {
  return path.length === 0 ? document.contents : document.getIn(path, true);
}
