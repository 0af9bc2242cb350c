/** One process of the benches of restart and replay: decides made-up items in an output folder, without pictures, until it is killed. Tells after each batch what is written. */
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

/** Budget 1 fills the memory with every item. Labels, one a kind, are shown with their items or there are none. */
const [dir = '', budget = '1', labels = 'no'] = process.argv.slice(2);
const KINDS = 1000;
const CLASSES = 20;
const BATCH = 256;
const NO_PICTURES: Thumbnails = { halve: () => new Uint8Array(), encode: async () => [] };

const vectorOf = madeVectors(KINDS);
const store = openStore(dir);
const engine = new Engine({ policy: DEFAULT_POLICY, purpose: 'train', budget: Number(budget), seed: 0, dimension: DIMENSION, reveal: { when: labels === 'yes' ? 'all' : 'never' }, lateLabels: false });
engine.restore(store.state(), (seq) => store.embedding(seq));
const index = await openIndex(DIMENSION);
const recalled = recall(index, engine.memory);
for (;;) {
  const first = store.nextSeq;
  const items = Array.from({ length: BATCH }, (_, i) => madeItem(first + i, vectorOf(first + i), labels === 'yes' ? `kind-${((first + i) % KINDS) % CLASSES}` : null));
  await lastValueFrom(from(items).pipe(recalled, arrive(engine), cluster(engine), audit(engine), decide(engine), alert(engine), commit(store, engine, NO_PICTURES)));
  process.send?.({ items: store.nextSeq, memory: engine.memory.count });
}
