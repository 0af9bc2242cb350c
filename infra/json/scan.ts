/**
 * A JSON text in pieces, taken apart at its top: the members of the object there, and the elements of lists that are asked for, each as its bytes and where they begin. What
 * is inside an element is not looked at but for where it ends, so that whoever parses it finds its faults. Held: one element or member.
 */
export type Part =
  /** A list that was asked for begins. */
  | { readonly kind: 'list'; readonly key: string | null }
  | { readonly kind: 'element' | 'member'; readonly key: string | null; readonly at: number; readonly bytes: Buffer };

/** The text is no JSON at this byte. */
export class JsonBreak extends Error {
  readonly offset: number;

  constructor(offset: number, expected: string) {
    super(expected);
    this.offset = offset;
  }
}

type State = 'top' | 'first key' | 'key' | 'colon' | 'value' | 'after member' | 'first element' | 'element' | 'after element' | 'end';
const EXPECTED: Readonly<Record<State, string>> = {
  top: 'a value', 'first key': 'a name in double quotes or "}"', key: 'a name in double quotes', colon: 'a colon', value: 'a value', 'after member': 'a comma or "}"',
  'first element': 'a value or "]"', element: 'a value', 'after element': 'a comma or "]"', end: 'the end of the file',
};
const [QUOTE, BACKSLASH, COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [0x22, 0x5c, 0x2c, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d];

export class JsonScanner {
  readonly #lists: ReadonlySet<string | null>;
  readonly #largest: number;
  #state: State = 'top';
  /** Whether the top is the list itself. */
  #bare = false;
  #key: string | null = null;
  /** Bytes before this piece. */
  #before = 0;
  /** Of the value under way: its kind, where it began, what came of it in earlier pieces. */
  #value: 'none' | 'scalar' | 'text' | 'nested' = 'none';
  #start = 0;
  #held: Buffer[] = [];
  #size = 0;
  #depth = 0;
  #inText = false;
  #escaped = false;

  /** @param lists members whose elements are handed out one by one; null is a list at the top. @param largest bytes of an element or of another member */
  constructor(lists: readonly (string | null)[], largest: number) {
    this.#lists = new Set(lists);
    this.#largest = largest;
  }

  /** @throws JsonBreak */
  *push(piece: Buffer): Generator<Part> {
    let i = this.#before === 0 && piece[0] === 0xef && piece[1] === 0xbb && piece[2] === 0xbf ? 3 : 0;
    let from = this.#value === 'none' ? -1 : 0;
    while (i < piece.length) {
      if (this.#value !== 'none') {
        i = this.#within(piece, i);
        if (i < 0) break;
        yield* this.#ended(piece.subarray(from, i));
        from = -1;
        continue;
      }
      const byte = piece[i] as number;
      if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) i += 1;
      else if (this.#begins(byte)) {
        this.#start = this.#before + i;
        from = i;
        // Its first sign opens it; a scalar has none.
        if (byte === QUOTE || byte === OPEN || byte === OPEN_LIST) i += 1;
      } else {
        yield* this.#mark(byte, i);
        i += 1;
      }
    }
    if (this.#value !== 'none') this.#hold(piece.subarray(Math.max(0, from)));
    this.#before += piece.length;
  }

  /** @throws JsonBreak where the text is not at its end */
  end(): Part[] {
    const last = this.#value === 'scalar' ? [...this.#ended(Buffer.alloc(0))] : [];
    if (this.#state !== 'end' || this.#value !== 'none') throw new JsonBreak(this.#before, this.#value === 'none' ? EXPECTED[this.#state] : 'the end of a value');
    return last;
  }

  /** Whether a value begins here, and which. */
  #begins(byte: number): boolean {
    const key = this.#state === 'key' || this.#state === 'first key';
    if (key && byte !== QUOTE) return false;
    if (!key && this.#state !== 'top' && this.#state !== 'value' && this.#state !== 'element' && this.#state !== 'first element') return false;
    if (byte === COMMA || byte === COLON || byte === CLOSE || byte === CLOSE_LIST) return false;
    if (this.#state === 'top' && (byte === OPEN || (byte === OPEN_LIST && this.#lists.has(null)))) return false;
    if (this.#state === 'value' && byte === OPEN_LIST && this.#lists.has(this.#key)) return false;
    this.#value = byte === QUOTE ? 'text' : byte === OPEN || byte === OPEN_LIST ? 'nested' : 'scalar';
    [this.#depth, this.#inText, this.#escaped] = [1, false, false];
    return true;
  }

  /** A sign between values. */
  *#mark(byte: number, i: number): Generator<Part> {
    const { key, state } = { key: this.#key, state: this.#state };
    if (state === 'top' && byte === OPEN) this.#state = 'first key';
    else if ((state === 'top' || state === 'value') && byte === OPEN_LIST) {
      this.#bare = state === 'top';
      this.#state = 'first element';
      yield { kind: 'list', key };
    } else if (state === 'colon' && byte === COLON) this.#state = 'value';
    else if (state === 'after member' && byte === COMMA) this.#state = 'key';
    else if ((state === 'after member' || state === 'first key') && byte === CLOSE) this.#state = 'end';
    else if (state === 'after element' && byte === COMMA) this.#state = 'element';
    else if ((state === 'after element' || state === 'first element') && byte === CLOSE_LIST) this.#state = this.#bare ? 'end' : 'after member';
    else throw new JsonBreak(this.#before + i, EXPECTED[state]);
  }

  /** The place behind the value under way; -1 where it goes on after this piece. */
  #within(piece: Buffer, at: number): number {
    let i = at;
    if (this.#value === 'scalar') {
      for (; i < piece.length; i++) {
        const byte = piece[i] as number;
        if (byte === COMMA || byte === CLOSE || byte === CLOSE_LIST || byte <= 0x20 || byte === COLON || byte === QUOTE || byte === OPEN || byte === OPEN_LIST) return i;
      }
      return -1;
    }
    let [depth, inText, escaped] = [this.#depth, this.#inText || this.#value === 'text', this.#escaped];
    for (; i < piece.length; i++) {
      const byte = piece[i] as number;
      if (inText) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) {
          inText = false;
          if (this.#value === 'text') return i + 1;
        }
      } else if (byte === QUOTE) inText = true;
      else if (byte === OPEN || byte === OPEN_LIST) depth += 1;
      else if ((byte === CLOSE || byte === CLOSE_LIST) && (depth -= 1) === 0) return i + 1;
    }
    [this.#depth, this.#inText, this.#escaped] = [depth, inText, escaped];
    return -1;
  }

  *#ended(last: Buffer): Generator<Part> {
    const bytes = this.#held.length === 0 ? last : Buffer.concat([...this.#held, last]);
    [this.#value, this.#held, this.#size] = ['none', [], 0];
    const at = this.#start;
    if (this.#state === 'key' || this.#state === 'first key') {
      this.#key = keyOf(bytes, at);
      this.#state = 'colon';
      return;
    }
    const element = this.#state === 'element' || this.#state === 'first element';
    const key = this.#state === 'top' || (element && this.#bare) ? null : this.#key;
    this.#state = this.#state === 'top' ? 'end' : element ? 'after element' : 'after member';
    yield { kind: element ? 'element' : 'member', key, at, bytes };
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#size += bytes.length;
    if (this.#size > this.#largest) throw new JsonBreak(this.#start, `a value of at most ${this.#largest} bytes`);
  }
}

function keyOf(bytes: Buffer, at: number): string {
  try {
    return JSON.parse(bytes.toString('utf8')) as string;
  } catch {
    throw new JsonBreak(at, 'a name in double quotes');
  }
}
