/** What an export format is. */
import type { Reader } from '../store/types.ts';

export type Selection = 'admit' | 'reject' | 'all';

interface Named {
  readonly name: string;
}

/** One text, made piece by piece, so that no export is ever held in memory whole. */
export interface TextFormat extends Named {
  readonly kind: 'text';
  /** Where the text lies in the folder given by --to; null where --to names the file itself. */
  readonly path: string | null;
  text(reader: Reader, selection: Selection): Iterable<string>;
}

/** A folder of files. */
export interface FolderFormat extends Named {
  readonly kind: 'folder';
  /** @param to an absolute path; what stands there is replaced only where an export of this format made it */
  write(reader: Reader, selection: Selection, to: string): void;
}

export type Format = TextFormat | FolderFormat;
