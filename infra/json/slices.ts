/**
 * The parts of a JSON text as they are spelled. Parsing and writing again turns 33.0 into 33 and rounds long numbers;
 * what is to come back whole is cut out of the text instead. The text must be valid JSON.
 */
export interface Slice {
  /** Of a member of an object; null for an element of an array. */
  readonly key: string | null;
  /** Where its value begins and ends in the text. */
  readonly from: number;
  readonly to: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The members of the object or the elements of the array that begins at `at`, in order; nothing for any other value. */
export function* slices(text: string, at = 0): Generator<Slice> {
  const start = skipSpace(text, at);
  const open = text[start];
  if (open !== '{' && open !== '[') return;
  let i = skipSpace(text, start + 1);
  while (i < text.length && text[i] !== '}' && text[i] !== ']') {
    let key: string | null = null;
    if (open === '{') {
      const end = skipValue(text, i);
      key = JSON.parse(text.slice(i, end)) as string;
      i = skipSpace(text, skipSpace(text, end) + 1); // the colon
    }
    const to = skipValue(text, i);
    yield { key, from: i, to };
    i = skipSpace(text, to);
    if (text[i] === ',') i = skipSpace(text, i + 1);
  }
}

/** The value of a member as it is spelled; of a key that comes twice the last, as in JSON.parse. Null where there is none. */
export function member(text: string, key: string): string | null {
  let found: string | null = null;
  for (const slice of slices(text)) if (slice.key === key) found = text.slice(slice.from, slice.to);
  return found;
}

/** The object with some members replaced or added, all others as they are spelled. */
export function withMembers(text: string, changes: Readonly<Record<string, unknown>>): string {
  const parts: string[] = [];
  for (const { key, from, to } of slices(text)) {
    if (key !== null && !Object.hasOwn(changes, key)) parts.push(`${JSON.stringify(key)}:${text.slice(from, to)}`);
  }
  const changed = Object.entries(changes).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return `{${[...changed, ...parts].join(',')}}`;
}

/** @returns the first place after the value at `i` */
function skipValue(text: string, i: number): number {
  const first = text.charCodeAt(i);
  if (first === QUOTE) return skipString(text, i);
  if (first === 0x7b || first === 0x5b) return skipNested(text, i);
  let end = i;
  while (end < text.length && !/[\s,\]}:]/.test(text.charAt(end))) end += 1;
  return end;
}

function skipNested(text: string, i: number): number {
  let depth = 0;
  for (let at = i; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = skipString(text, at) - 1;
    else if (code === 0x7b || code === 0x5b) depth += 1;
    else if ((code === 0x7d || code === 0x5d) && (depth -= 1) === 0) return at + 1;
  }
  return text.length;
}

function skipString(text: string, i: number): number {
  let at = i + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}

function skipSpace(text: string, i: number): number {
  let at = i;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at += 1;
  return at;
}
