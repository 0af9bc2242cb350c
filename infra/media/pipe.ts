import type { Readable } from 'node:stream';

/** A pipe read by pull: no more is taken from it before it is asked for than its stream buffers (64 KiB, or the piece that is waited for). One reader at a time. */
export class Pipe {
  readonly #stream: Readable;
  #wake = (): void => {};
  #over = false;
  #text = '';

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.on('readable', () => this.#wake());
    for (const event of ['end', 'error', 'close']) {
      stream.on(event, () => {
        this.#over = true;
        this.#wake();
      });
    }
  }

  /** The next `size` bytes; null where the pipe ends before. */
  async take(size: number): Promise<Buffer | null> {
    for (;;) {
      const bytes: unknown = this.#stream.read(size);
      if (Buffer.isBuffer(bytes)) return bytes.length === size ? bytes : null;
      if (this.#over) return null;
      await this.#moved();
    }
  }

  /** The next line, of Latin-1, without its break; null at the end. What comes after the last break is no line. */
  async line(): Promise<string | null> {
    for (;;) {
      const end = this.#text.indexOf('\n');
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      const bytes: unknown = this.#stream.read();
      if (Buffer.isBuffer(bytes)) this.#text += bytes.toString('latin1');
      else if (this.#over) return null;
      else await this.#moved();
    }
  }

  #moved(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}
