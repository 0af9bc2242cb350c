/**
 * Golden embeddings: some generated scenes and what the default model made of them, float32 [scenes, 256] in embeddings.bin.
 * Write them again, after the model or the decoder was changed on purpose: `node test/golden/embeddings.ts`
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SharpDecoder } from '../../infra/media/sharp-decoder.ts';
import { openEmbedder } from '../../infra/onnx/pool.ts';
import { scene, type SceneKind, type SceneOptions } from '../support/images.ts';

interface GoldenScene {
  readonly seed: number;
  readonly kind: SceneKind;
  readonly options: SceneOptions;
}

/** Small, large, lying and standing ones. */
export const SCENES: readonly GoldenScene[] = [
  { seed: 1, kind: 'stripes', options: {} },
  { seed: 2, kind: 'rings', options: { width: 224, height: 224 } },
  { seed: 3, kind: 'dots', options: { width: 320, height: 180 } },
  { seed: 4, kind: 'bricks', options: { width: 90, height: 200 } },
  { seed: 5, kind: 'star', options: {} },
  { seed: 6, kind: 'noise', options: { width: 400, height: 300 } },
  { seed: 7, kind: 'house', options: {} },
  { seed: 8, kind: 'cross', options: { width: 224, height: 224 } },
];

export const GOLDEN = new URL('./embeddings.bin', import.meta.url);

/** Each scene as a file, decoded and embedded by the real parts. @returns float32 [scenes, 256] */
export async function embedScenes(): Promise<Float32Array> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-golden-'));
  const embedder = await openEmbedder(1);
  try {
    const decoder = new SharpDecoder(embedder.size, 'squash');
    const rows = SCENES.map(async ({ seed, kind, options }) => {
      const file = join(folder, `${seed}.jpg`);
      await writeFile(file, await scene(seed, kind, options));
      const call = embedder.begin();
      call.add((await decoder.decode({ path: file })).pixels);
      return await call.run();
    });
    return Float32Array.from((await Promise.all(rows)).flatMap((row) => [...row]));
  } finally {
    await embedder.close();
    await rm(folder, { recursive: true });
  }
}

if (import.meta.main) await writeFile(GOLDEN, Buffer.from((await embedScenes()).buffer));
