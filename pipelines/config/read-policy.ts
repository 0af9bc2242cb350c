/** Reads a policy file: every fault at once, each with line and column. */
import type { Policy } from '../../operators/state/policy.ts';
import { PolicySpec } from './policy.ts';
import { parseConfig, readText } from './read.ts';

/** @throws SluiceError SLUICE_E_CONFIG_INVALID listing all faults */
export function readPolicy(file: string): Policy {
  return parsePolicy(readText(file, 'policy file'), file);
}

export function parsePolicy(text: string, file: string): Policy {
  return parseConfig(PolicySpec, text, file, process.env);
}
