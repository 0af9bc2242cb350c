/** One process of the restart bench: what `sluice curate` does up to its last commit, before it sums up. */
import { DEFAULT_POLICY } from '../pipelines/config/policy.ts';
import { curateSource } from '../pipelines/embedded.ts';

const [source = '', out = ''] = process.argv.slice(2);
const { signal } = new AbortController();
const rest = { per: 'fleet', reveal: { when: 'never' }, objects: 0, purpose: 'train', validationShare: 0, policy: DEFAULT_POLICY, seed: 0, batch: 64, workers: 2, change: false, retry: false } as const;
const { decided } = await curateSource({ source, out, budget: 1, ...rest, signal, say: process.stderr });
process.send?.(decided);
process.disconnect();
