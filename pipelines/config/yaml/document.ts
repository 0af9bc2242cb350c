/** A YAML file with the place of everything in it. What could make it larger or other than it looks (aliases, tags, depth, size) is refused. */
import { isCollection, isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document, type Range, type Scalar, type YAMLMap } from 'yaml';
import { type Environment, isMasked, mask, type Masked, reservedAt, typed, unmask } from './variables.ts';

export interface Fault {
  readonly offset: number;
  readonly what: string;
  /** A function where it takes time: only the first faults are told. */
  readonly fix?: string | (() => string) | undefined;
}

/** More than any configuration needs. */
const DEEPEST = 40;

export class YamlFile {
  readonly faults: readonly Fault[];
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  constructor(text: string, env: Environment) {
    const masked = mask(text);
    // Keys are looked at below, where it takes less than the square of their number.
    this.#document = parseDocument(masked.text, { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: false });
    const reserved = reservedAt(text);
    this.faults = reserved < 0 ? [...spoilt(this.#document), ...settle(this.#document, masked, env)] : [{ offset: reserved, what: 'this character of private use cannot be used here' }];
  }

  /** As plain objects. To be asked for only where there are no faults. */
  value(): unknown {
    return this.#document.toJS();
  }

  /** "line:column" from 1. */
  place(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${line}:${col}`;
  }

  valueAt(path: readonly PropertyKey[]): unknown {
    const node = this.#nodeAt(path);
    return isScalar(node) ? node.value : node;
  }

  /** Where the value at the path begins, or the nearest one around it. */
  offsetOf(path: readonly PropertyKey[]): number {
    for (let length = path.length; length >= 0; length--) {
      const node = this.#nodeAt(path.slice(0, length));
      if (isNode(node) && node.range) return node.range[0];
    }
    return 0;
  }

  /** Where the names of a group's settings stand. */
  offsetsOfNames(path: readonly PropertyKey[]): ReadonlyMap<string, number> {
    const group = this.#nodeAt(path);
    const keys = isMap(group) ? group.items.map(({ key }) => key).filter(isScalar) : [];
    return new Map(keys.map(({ value, range }) => [String(value), range?.[0] ?? 0]));
  }

  #nodeAt(path: readonly PropertyKey[]): unknown {
    return path.length === 0 ? this.#document.contents : this.#document.getIn(path, true);
  }
}

/** What the parser found. Its warnings are tags it does not know: what they mean cannot be told. */
function spoilt({ errors, warnings }: Document.Parsed): Fault[] {
  return [...errors, ...warnings].map(({ pos, code, message }) => ({
    offset: pos[0],
    // Some of its messages quote the file, in which somebody may have written a secret.
    what: code === 'MULTIPLE_DOCS' ? 'a file holds one document, this begins another' : message.replace(/(?<=[\w)]): .*$/s, ''),
  }));
}

type Add = (offset: number, what: string, fix?: string) => void;

/** Puts in the variables, and finds what YAML allows but a configuration does not. */
function settle(document: Document.Parsed, masked: Masked, env: Environment): Fault[] {
  const faults: Fault[] = [];
  const add: Add = (offset, what, fix) => void faults.push({ offset, what, fix });
  visit(document, {
    // Aliases may name what is not there, or multiply without end.
    Alias: (_, { range, source }) => add(range?.[0] ?? 0, `write the value itself in place of the alias *${source}`),
    Seq: (_, { range }, path) => tooDeep(path, range, add),
    Map: (_, map, path) => {
      repeatedKeys(map, add);
      return tooDeep(path, map.range, add);
    },
    Scalar: (key, scalar) => {
      const { value, range } = scalar;
      if (typeof value !== 'string') return;
      const at = range?.[0] ?? 0;
      if (key === 'key') {
        if (isMasked(value)) add(at, 'the name of a setting cannot hold a variable');
      } else if (value.includes('${')) {
        add(at, 'this ${ has no }', 'write $${ for a plain ${');
      } else if (isMasked(value)) {
        scalar.value = settled(scalar, unmask(value, masked, env, add));
      }
    },
  });
  return faults;
}

function settled({ type, tag }: Scalar, text: string): unknown {
  return type === 'PLAIN' && tag === undefined ? typed(text) : text;
}

/** What is nested without end is not gone into. */
function tooDeep(path: readonly unknown[], range: Range | null | undefined, add: Add): symbol | undefined {
  if (path.filter(isCollection).length < DEEPEST) return undefined;
  add(range?.[0] ?? 0, `nested deeper than ${DEEPEST} levels`);
  return visit.SKIP;
}

function repeatedKeys({ items }: YAMLMap, add: Add): void {
  const seen = new Set<string>();
  for (const { key } of items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    if (seen.has(name)) add(key.range?.[0] ?? 0, 'the names of a group must be unique, this one came before');
    seen.add(name);
  }
}
