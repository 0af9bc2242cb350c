/** The set that a run must not share pictures with: what another output folder has admitted by now. */
import { existsSync, realpathSync } from 'node:fs';
import { openReader } from '../infra/store/reader.ts';
import { Memory } from '../operators/state/memory.ts';
import { asSluiceError, SluiceError } from '../schemas/errors.ts';

interface Guard {
  readonly dir: string;
  readonly memory: Memory;
  /** That its embeddings are of. */
  readonly model: string;
}

/** All embeddings are held: 1 KB an item at 256 dimensions. @throws SluiceError SLUICE_E_CONFIG_INVALID where it holds no run, or is the run's own folder */
export function readGuard(dir: string, out: string): Guard {
  if (existsSync(dir) && existsSync(out) && realpathSync(dir) === realpathSync(out)) throw new SluiceError('SLUICE_E_CONFIG_INVALID', `--guard ${dir} is the folder of --out; give that of another run`);
  try {
    const reader = openReader(dir);
    try {
      const model = reader.runs().at(-1)?.config.model ?? '';
      let memory: Memory | null = null;
      for (const { seq, id, cluster, digest } of reader.decisions('admit')) {
        const embedding = reader.embedding(seq);
        memory ??= new Memory(embedding.length);
        memory.add({ seq, id, cluster: cluster ?? -1, digest, classes: [] }, embedding);
      }
      return { dir, memory: memory ?? new Memory(0), model };
    } finally {
      reader.close();
    }
  } catch (thrown) {
    const error = asSluiceError(thrown, 'SLUICE_E_INTERNAL');
    throw error.code === 'SLUICE_E_NOT_FOUND' ? new SluiceError('SLUICE_E_CONFIG_INVALID', `--guard: ${error.message}`) : error;
  }
}

/** @throws SluiceError SLUICE_E_CONFIG_INVALID: embeddings of different models cannot be compared */
export function checkModel({ dir, model }: Guard, own: string): void {
  if (model !== own) throw new SluiceError('SLUICE_E_CONFIG_INVALID', `--guard ${dir} was made with the model ${model}, this run has ${own}: their embeddings cannot be compared`);
}
