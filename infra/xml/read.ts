/** XML as annotation tools write it, read as a stream: no entity of a document is expanded (saxes knows the five of XML only), and nothing is fetched. */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { SaxesParser } from 'saxes';
import { SluiceError } from '../../schemas/errors.ts';
import { readFault } from '../sources/read-fault.ts';
import { checkUtf8 } from '../sources/utf8.ts';

/** Elements inside each other. */
const DEEPEST = 32;

export interface Element {
  readonly name: string;
  /** From 1, of the end of its opening tag. */
  readonly line: number;
  readonly column: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** Its own text, without spaces around it. */
  readonly text: string;
}

interface Open extends Element {
  readonly children: Element[];
  text: string;
}

/** Raised for the first fault. */
export class XmlFault extends Error {
  readonly line: number;
  readonly column: number;

  constructor(line: number, column: number, what: string) {
    super(what);
    this.line = line;
    this.column = column;
  }
}

/** Takes a document piece by piece and hands out what lies directly in its root, whole: no more of it is held than one such element. */
class XmlReader {
  /** Name of the root; null before it began. */
  root: string | null = null;
  readonly #parser = new SaxesParser();
  readonly #open: Open[] = [];
  #done: Element[] = [];
  readonly #largest: number;
  #size = 0;

  /** @param largest characters of one element in the root */
  constructor(largest: number) {
    this.#largest = largest;
    this.#parser.on('error', (error) => this.#refuse(error.message.replace(/^(?:undefined:)?\d+:\d+: |\.$/g, '')));
    this.#parser.on('opentag', ({ name, attributes }) => this.#opened(name, attributes));
    this.#parser.on('text', (text) => this.#add(text));
    this.#parser.on('cdata', (text) => this.#add(text));
    this.#parser.on('closetag', () => this.#closed());
  }

  /** @returns the elements that ended in this piece. @throws XmlFault */
  write(piece: string): readonly Element[] {
    this.#size += piece.length;
    this.#parser.write(piece);
    if (this.#size > this.#largest) this.#refuse(`more than ${this.#largest} characters without the end of an element`);
    return this.#taken();
  }

  /** @throws XmlFault where the document is not at its end */
  close(): void {
    this.#parser.close();
  }

  #taken(): readonly Element[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }

  #opened(name: string, attributes: Readonly<Record<string, string>>): void {
    if (this.#open.length === DEEPEST) this.#refuse(`more than ${DEEPEST} elements inside each other`);
    this.root ??= name;
    this.#open.push({ name, line: this.#parser.line, column: this.#parser.column, attributes, children: [], text: '' });
  }

  #add(text: string): void {
    const open = this.#open.at(-1);
    // What stands between the elements of the root says nothing.
    if (open !== undefined && this.#open.length > 1) open.text += text;
  }

  #closed(): void {
    const closed = this.#open.pop();
    if (closed === undefined || this.#open.length === 0) return;
    closed.text = closed.text.trim();
    if (this.#open.length > 1) {
      this.#open.at(-1)?.children.push(closed);
    } else {
      this.#done.push(closed);
      this.#size = 0;
    }
  }

  #refuse(what: string): never {
    throw new XmlFault(this.#parser.line, this.#parser.column, what);
  }
}

/** The elements in the root of a short document. @throws XmlFault */
export function readXml(text: string): { readonly root: string; readonly elements: readonly Element[] } {
  const reader = new XmlReader(text.length);
  const elements = reader.write(text);
  reader.close();
  return { root: reader.root ?? '', elements };
}

/**
 * The elements in the root of a file, one by one. Held: one of them and a piece of the file.
 * @param root its name. @param largest characters of one element
 * @throws SluiceError SLUICE_E_SOURCE_SYNTAX with line and column; SLUICE_E_SOURCE_UNKNOWN when the file cannot be read
 */
export async function* readXmlFile(file: string, root: string, largest: number): AsyncGenerator<Element> {
  const name = basename(file);
  const reader = new XmlReader(largest);
  const whole = (elements: readonly Element[]): readonly Element[] => {
    if (reader.root !== null && reader.root !== root) throw new XmlFault(1, 1, `expected <${root}>, found <${reader.root}>`);
    return elements;
  };
  try {
    for await (const bytes of checkUtf8(createReadStream(file))) yield* whole(reader.write(bytes.toString('utf8')));
    reader.close();
  } catch (thrown) {
    if (thrown instanceof XmlFault) throw new SluiceError('SLUICE_E_SOURCE_SYNTAX', `${name}, line ${thrown.line}, column ${thrown.column}: ${thrown.message}.`, { cause: thrown });
    throw await readFault(file, thrown);
  }
}

/** The first child of a name. */
export function childOf(element: Pick<Element, 'children'>, name: string): Element | undefined {
  return element.children.find((child) => child.name === name);
}

/** The text of a child; null where it is not there or empty. */
export function textOf(element: Pick<Element, 'children'>, name: string): string | null {
  return childOf(element, name)?.text || null;
}

/** A decimal number, NaN for all else (Number takes '', '0x10' and 'Infinity'). */
export function decimal(text: string | null | undefined): number {
  return text !== null && text !== undefined && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
}
