/** How a target of the policy stands: so much of a class or a stream is wanted among the admitted. */
export interface TargetStanding {
  readonly of: 'class' | 'stream';
  readonly name: string;
  /** Items admitted that serve it, since it is set. */
  readonly have: number;
  /** Items of which `have` are a part: all admitted; for a class those of them whose label is known and not in doubt. */
  readonly among: number;
  /** What `have` is to be by now. */
  readonly wanted: number;
}

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

export function packStanding({ of, name, have, among, wanted }: TargetStanding): Uint8Array {
  return utf8.encode(JSON.stringify([of, name, have, among, wanted]));
}

export function unpackStanding(value: Uint8Array): TargetStanding {
  const [of, name, have, among, wanted] = JSON.parse(fromUtf8.decode(value)) as [TargetStanding['of'], string, number, number, number];
  return { of, name, have, among, wanted };
}

export function isShort({ have, wanted }: TargetStanding): boolean {
  return have < wanted;
}
