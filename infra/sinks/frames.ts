/** Frames of a video: their ids end with a time. Pictures that came as bytes, frames among them, lie in the run's folder under the SHA-256 of those, once they were admitted. */
import { relative, resolve, sep } from 'node:path';
import { isKept } from '../store/media.ts';
import type { StoredDecision } from '../store/types.ts';

const FRAGMENT = /#t=\d+\.\d+$/;

export function isFrame(id: string): boolean {
  return FRAGMENT.test(id);
}

/** Where a picture lies that came as bytes, relative to the run's folder; null for what is a file of its own, or was not admitted. @param dir of the run */
export function keptFile(dir: string, { uri, digest }: Pick<StoredDecision, 'uri' | 'digest'>): string | null {
  const path = relative(resolve(dir), uri);
  return isKept(uri, digest) && path.startsWith(`media${sep}`) ? path : null;
}
