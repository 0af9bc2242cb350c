/** Reads a policy file: every fault at once, each with line and column. */
import { readFile } from 'node:fs/promises';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import type { Policy } from '../../operators/state/policy.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { PolicySpec } from './policy.ts';

/** @throws SluiceError SLUICE_E_CONFIG_INVALID listing all faults */
export async function readPolicy(file: string): Promise<Policy> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (thrown) {
    throw new SluiceError('SLUICE_E_CONFIG_INVALID', `the policy file ${file} could not be read`, { cause: thrown });
  }
  return parsePolicy(text, file);
}

export function parsePolicy(text: string, file: string): Policy {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const faults = document.errors.map((error) => `${at(error.pos[0])}: ${error.message.split('\n', 1)[0] ?? ''}`);
  if (faults.length === 0) {
    const parsed = PolicySpec.safeParse(document.toJS() ?? {});
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [null];
      for (const key of unknown) {
        const path = key === null ? issue.path : [...issue.path, key];
        const what = key === null ? issue.message : 'there is no such setting';
        faults.push(`${at(offsetOf(document, path))}: ${path.join('.')}: ${what}`);
      }
    }
  }
  throw new SluiceError('SLUICE_E_CONFIG_INVALID', faults.join('\n'));
}

/** Where the value at the path begins, or the nearest one around it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
