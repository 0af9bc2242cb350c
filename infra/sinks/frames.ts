/** Frames of a video: their ids end with a time, and those that were admitted lie in the run's folder under the SHA-256 of their bytes. */
import type { StoredDecision } from '../store/types.ts';

const FRAGMENT = /#t=\d+\.\d+$/;
const FILE = /\/(media\/[0-9a-f]{2}\/[0-9a-f]{64}\.jpg)$/;

export function isFrame(id: string): boolean {
  return FRAGMENT.test(id);
}

/** Where the frame lies, relative to the run's folder; null for what is no frame, or was not admitted. */
export function frameFile({ id, uri }: Pick<StoredDecision, 'id' | 'uri'>): string | null {
  return isFrame(id) ? (FILE.exec(uri)?.[1] ?? null) : null;
}
