/** One writer for an output folder, by a lock of the operating system that vanishes with the process. */
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SluiceError } from '../../schemas/errors.ts';
import { resultCode, storeFailure } from './failure.ts';
import { LOCK } from './schema.ts';

/** A just killed process needs a moment to vanish, and of two that start at once one must step back. */
const PATIENCE_MS = 500;

/** A connection that nobody refers to is closed by the garbage collector, and its lock with it. */
const held = new Set<DatabaseSync>();

export interface Lock {
  release(): void;
}

/**
 * Node has no flock; an SQLite transaction begun as EXCLUSIVE on a file of its own takes the lock through fcntl. The file stays empty and is never
 * removed: removing it would let two processes lock two files of one name. Nothing else may open it in this process: POSIX drops
 * a process's locks on a file when any of its descriptors is closed.
 * @throws SluiceError SLUICE_E_BUSY, SLUICE_E_NOT_WRITABLE, SLUICE_E_DISK_FULL, SLUICE_E_STORE_CORRUPT where something else bears the name
 */
export function lock(dir: string): Lock {
  const file = join(dir, LOCK);
  let db: DatabaseSync | null = null;
  try {
    // On what is read-only SQLite would begin a mere read and lock nobody out.
    accessSync(dir, constants.W_OK);
    if (existsSync(file)) accessSync(file, constants.W_OK);
    const locking = new DatabaseSync(file, { timeout: PATIENCE_MS });
    db = locking;
    locking.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    held.add(locking);
    return {
      release: () => {
        held.delete(locking);
        locking.close();
      },
    };
  } catch (thrown) {
    db?.close();
    if (resultCode(thrown) === 5) throw new SluiceError('SLUICE_E_BUSY', `Another run is writing to ${dir}.`, { cause: thrown });
    throw storeFailure(thrown, resultCode(thrown) === null ? dir : file);
  }
}
