/** An embedder that tells how many pictures each call took and how long, waiting for a thread included. */
import type { Embedder } from '../../operators/ports.ts';

/** @param told pictures and seconds of a call that has given its embeddings */
export function timedEmbedder(embedder: Embedder, told: (pictures: number, seconds: number) => void): Embedder {
  const { size, dimension, identity } = embedder;
  return {
    size,
    dimension,
    identity,
    begin() {
      const call = embedder.begin();
      let pictures = 0;
      return {
        get full() {
          return call.full;
        },
        add(picture) {
          pictures += 1;
          call.add(picture);
        },
        async run() {
          const start = performance.now();
          const rows = await call.run();
          told(pictures, (performance.now() - start) / 1000);
          return rows;
        },
      };
    },
    close: () => embedder.close(),
  };
}
