/** One process of the engine bench: a flat index of faiss-node and nothing else. It answers each search with the milliseconds that faiss-node took. */
import faiss from 'faiss-node';

/** Vectors to add, or queries to search with. */
export type FlatCall = { readonly add: Float32Array } | { readonly search: Float32Array };

const [dimension = '256', k = '8'] = process.argv.slice(2);
const index = new faiss.IndexFlatIP(Number(dimension));
process.on('disconnect', () => process.exit(0));
process.on('message', (message) => {
  const call = message as FlatCall;
  if ('add' in call) {
    index.add(Array.from(call.add));
    process.send?.(0);
    return;
  }
  const queries = Array.from(call.search);
  const start = performance.now();
  index.search(queries, Number(k));
  process.send?.(performance.now() - start);
});
