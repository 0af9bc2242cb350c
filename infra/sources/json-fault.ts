/**
 * Where a text stops being JSON. JSON.parse tells it for some faults only, and not in the same words from one version of V8 to the next.
 * Only called after JSON.parse has refused the text. Nesting is kept in a list, so that no depth overflows the stack.
 */
export interface JsonFault {
  /** In UTF-16 units. */
  readonly index: number;
  readonly expected: string;
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
/** With what Python writes for numbers that JSON does not have; json.ts reads them. */
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|NaN|-?Infinity/y;
const NAME = 'a name in double quotes';

/** The first fault; null when the text is JSON, or was but for NaN and Infinity. */
export function findJsonFault(text: string): JsonFault | null {
  const scan = new Scan(text);
  scan.document();
  return scan.fault;
}

class Scan {
  fault: JsonFault | null = null;
  readonly #text: string;
  #index = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    const open: ('}' | ']')[] = [];
    do {
      let ended = false;
      if (this.#take('{')) {
        ended = this.#take('}');
        if (!ended && this.#key()) open.push('}');
      } else if (this.#take('[')) {
        ended = this.#take(']');
        if (!ended) open.push(']');
      } else ended = this.#scalar();
      while (ended && open.length > 0 && this.fault === null) ended = this.#afterValue(open);
    } while (open.length > 0 && this.fault === null);
    this.#space();
    if (this.#index < this.#text.length) this.#expected('the end of the file');
  }

  /** Whether what the value stood in has ended with it. */
  #afterValue(open: ('}' | ']')[]): boolean {
    const close = open.at(-1) ?? ']';
    if (this.#take(close)) return open.pop() !== undefined;
    if (!this.#take(',')) this.#expected(`a comma or "${close}"`);
    else if (close === '}') this.#key();
    return false;
  }

  #key(): boolean {
    this.#space();
    if (this.#text[this.#index] !== '"') return this.#expected(NAME);
    return this.#string() && (this.#take(':') || this.#expected('a colon'));
  }

  #scalar(): boolean {
    this.#space();
    if (this.#text[this.#index] === '"') return this.#string();
    return this.#match(SCALAR) || this.#expected('a value');
  }

  /** A loop and no pattern: patterns that alternate over megabytes run out of stack. */
  #string(): boolean {
    for (this.#index += 1; ; ) {
      const char = this.#text[this.#index];
      if (char === undefined || char < ' ') return this.#expected('a double quote at the end of the text (a line break in it is written \\n)');
      if (char === '\\') {
        if (!this.#match(ESCAPE)) return this.#expected('an escape such as \\n or \\u00e9 (a backslash is written twice)');
      } else {
        this.#index += 1;
        if (char === '"') return true;
      }
    }
  }

  #take(char: string): boolean {
    this.#space();
    if (this.#text[this.#index] !== char) return false;
    this.#index += 1;
    return true;
  }

  #space(): void {
    while (' \t\n\r'.includes(this.#text[this.#index] ?? 'end')) this.#index += 1;
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#index;
    if (!pattern.test(this.#text)) return false;
    this.#index = pattern.lastIndex;
    return true;
  }

  /** Keeps the first fault. */
  #expected(what: string): false {
    this.fault ??= { index: this.#index, expected: what };
    return false;
  }
}
