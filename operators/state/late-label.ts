/** A label that comes from outside the stream's own order: after its sample, or overtaking it. */
import type { Amend, UnusedLabel } from '../../schemas/decision.ts';
import type { Box } from '../../schemas/sample.ts';
import { Packer, Unpacker } from './codec.ts';

/** Decided items back to which a label may come, beside all that are in the memory; and how many of them one that came too early waits for its own. */
export const REACH = 20_000;

export interface LateLabel {
  /** Of the item. */
  readonly id: string;
  readonly classes: readonly string[];
  /** Left out where it has none. */
  readonly boxes?: readonly Box[];
  /** The message as it came; it is handed back where the label is of no use. */
  readonly letter: Uint8Array;
}

/** A decided item that a label may be of. */
export interface Labellable {
  readonly seq: number;
  readonly stream: string;
  readonly admitted: boolean;
  readonly embedding: Float32Array;
}

/** What a label has brought about. */
export interface LabelOutcome {
  /** Learned; kept until its item is decided; or the same as the newest of its item. */
  readonly as: 'learned' | 'waiting' | 'repeated';
  readonly amends: readonly Amend[];
  /** Labels that had to make room for it. */
  readonly unused: readonly UnusedLabel[];
}

export function packLabel({ id, classes, letter, boxes }: LateLabel): Uint8Array {
  const out = new Packer().text(id).texts(classes).blob(letter);
  return (boxes === undefined ? out : out.text(JSON.stringify(boxes))).done();
}

export function unpackLabel(payload: Uint8Array): LateLabel {
  const from = new Unpacker(payload);
  const label = { id: from.text(), classes: from.texts(), letter: from.blob().slice() };
  return from.ended ? label : { ...label, boxes: JSON.parse(from.text()) as readonly Box[] };
}

/** The id of the item that a packed label is of. */
export function labelledId(payload: Uint8Array): string {
  return new Unpacker(payload).text();
}

export function sameClasses(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}
