/** What an export format is. */
import type { Reader, StoredDecision } from '../store/types.ts';
import type { LeftOut } from './left-out.ts';
import type { MediaMode } from './media.ts';
import type { Splits } from './splits.ts';

export type Selection = 'admit' | 'reject' | 'all';

interface Named {
  readonly name: string;
}

/** One text, made piece by piece, so that no export is ever held in memory whole. */
export interface TextFormat extends Named {
  readonly kind: 'text';
  /** Where the text lies in the folder given by --to; null where --to names the file itself. */
  readonly path: string | null;
  /** Whether a text that begins with this line was made by this format, so that the next export may replace it. */
  begins(line: string): boolean;
  /** What it is where images are to be with it, or splits. */
  readonly folder?: FolderFormat;
  text(reader: Reader, selection: Selection): Iterable<string>;
  /** Counts what it does not hold of an item. */
  lacks(decision: StoredDecision, origin: string | null, leftOut: LeftOut): void;
}

export interface FolderOptions {
  readonly media: MediaMode;
  readonly splits: Splits;
}

/** A folder of files. */
export interface FolderFormat extends Named {
  readonly kind: 'folder';
  /**
   * @param to an absolute path; what stands there is replaced only where an export of this format made it
   * @returns what the user should know of it, in sentences
   */
  write(reader: Reader, selection: Selection, to: string, options: FolderOptions): Promise<readonly string[]>;
}

export type Format = TextFormat | FolderFormat;
