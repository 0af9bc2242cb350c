/** What implements the ports of the operators, for pipelines of one's own: `import { openEmbedder, openIndex } from 'sluice/parts'`. onnxruntime-node is loaded by openEmbedder, in threads, and faiss-node by openIndex, in a process of its own. */
import type { Policy } from '../operators/state/policy.ts';
import { PolicySpec } from './config/policy.ts';

export { openIndex } from '../infra/faiss/index.ts';
export { SharpDecoder } from '../infra/media/sharp-decoder.ts';
export { SharpThumbnails } from '../infra/media/thumbnail.ts';
export { openEmbedder } from '../infra/onnx/pool.ts';
export { openSource } from '../infra/sources/open.ts';
export { openStore } from '../infra/store/sqlite.ts';

/** A policy with the defaults of docs/policy.md. @param settings what differs, as in a policy file. @throws ZodError where it is none */
export function policyOf(settings: unknown = {}): Policy {
  return PolicySpec.parse(settings);
}
