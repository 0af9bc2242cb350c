/** One process of the restart bench: decides made-up items in an output folder, without pictures, until it is killed. Tells how many are written after each batch. */
import { from, lastValueFrom } from 'rxjs';
import { openIndex } from '../infra/faiss/index.ts';
import { openStore } from '../infra/store/sqlite.ts';
import { alert } from '../operators/alert.ts';
import { arrive } from '../operators/arrive.ts';
import { audit } from '../operators/audit.ts';
import { cluster } from '../operators/cluster.ts';
import { commit } from '../operators/commit.ts';
import { decide } from '../operators/decide.ts';
import type { Thumbnails } from '../operators/ports.ts';
import { recall } from '../operators/recall.ts';
import { Engine } from '../operators/state/engine.ts';
import { DEFAULT_POLICY } from '../pipelines/config/policy.ts';
import { DIMENSION, madeItem, madeVectors } from './made-items.ts';

const [dir = ''] = process.argv.slice(2);
const KINDS = 1000;
const BATCH = 256;
const NO_PICTURES: Thumbnails = { halve: () => new Uint8Array(), encode: async () => [] };

const vectorOf = madeVectors(KINDS);
const store = openStore(dir);
const engine = new Engine({ policy: DEFAULT_POLICY, purpose: 'train', budget: 1, seed: 0, dimension: DIMENSION, reveal: { when: 'never' }, lateLabels: false });
engine.restore(store.state(), (seq) => store.embedding(seq));
const index = await openIndex(DIMENSION);
const recalled = recall(index, engine.memory);
for (;;) {
  const first = store.nextSeq;
  const items = Array.from({ length: BATCH }, (_, i) => madeItem(first + i, vectorOf(first + i), null));
  await lastValueFrom(from(items).pipe(recalled, arrive(engine), cluster(engine), audit(engine), decide(engine), alert(engine), commit(store, engine, NO_PICTURES)));
  process.send?.(engine.memory.count);
}
