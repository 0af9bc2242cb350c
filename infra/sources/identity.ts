import { dirname } from 'node:path';
import type { Root } from './inside.ts';

/**
 * The text by which a manifest is known again: kind and real path, and the root where it is not the folder of the file.
 * @param file real absolute path
 */
export function manifestIdentity(kind: string, file: string, root: Root): string {
  const path = root.path || '/';
  return `${kind}:${file}${path === dirname(file) ? '' : ` root:${path}`}`;
}
