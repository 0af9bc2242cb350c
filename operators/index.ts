/**
 * The operators and the engine behind them, for pipelines of one's own: `import { cluster, decide, embed } from 'sluice/operators'`. No I/O and no native code is loaded with them; what they need of
 * the world they take by the ports, which `sluice/parts` implements. docs/library.md has the order they go in, and an example.
 */
export { alert } from './alert.ts';
export { arrive } from './arrive.ts';
export { audit } from './audit.ts';
export { cluster } from './cluster.ts';
export { commit } from './commit.ts';
export { decide } from './decide.ts';
export { decode } from './decode.ts';
export { embed } from './embed.ts';
export { guard } from './guard.ts';
export { inspect } from './inspect.ts';
export { isAlive, isFailed } from './items.ts';
export { recall } from './recall.ts';
export { Engine, type EngineSettings } from './state/engine.ts';
export type { Audited, Clustered, Decided, Decoded, Embedded, Failed, Inspected, Numbered, Recalled, Received } from './items.ts';
export type { Batch, EmbedCall, Embedder, Entry, ImageDecoder, ImageInput, Neighbours, Outlet, Store, Thumbnails, VectorIndex } from './ports.ts';
export type { Policy } from './state/policy.ts';
export type { Alert, Change, Decision, Reason } from '../schemas/decision.ts';
export type { Box, Label, Sample } from '../schemas/sample.ts';
export { SluiceError } from '../schemas/errors.ts';
