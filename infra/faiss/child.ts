/**
 * The process that holds the FAISS index: faiss-node ends its process on a wrong argument and crashes when used from two threads.
 * It does one call at a time and ends when its parent does.
 */
import faiss from 'faiss-node';
import { flatRows } from './flat-rows.ts';
import type { IndexCall, IndexReply } from './protocol.ts';

const dimension = Number(process.argv[2]);
let index = new faiss.IndexFlatIP(dimension);
const indexOf = flatRows(dimension);

// Ctrl-C reaches the whole group, a service manager's SIGTERM every process of the service; the parent decides when this one ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (message) => {
  const call = message as IndexCall;
  process.send?.({ id: call.id, ...answer(call) } satisfies IndexReply);
});
process.send?.('ready');

function answer(call: IndexCall): Omit<IndexReply, 'id'> {
  const nothing = { rows: new Int32Array(), similarities: new Float32Array() };
  if (call.call === 'reset') {
    index = new faiss.IndexFlatIP(dimension);
    return nothing;
  }
  if (call.call === 'add') {
    if (indexOf === null) index.add(Array.from(call.vectors));
    else index.mergeFrom(indexOf(call.vectors));
    return nothing;
  }
  const { labels, distances } = index.search(Array.from(call.queries), call.k);
  return { rows: Int32Array.from(labels), similarities: Float32Array.from(distances) };
}
