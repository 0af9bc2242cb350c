import { SluiceError } from '../../schemas/errors.ts';

const SHOWN = 20;

/** Gathers the faults of one file, so that a person sees them all at once (the first 20 of them) and not one a run. */
export class Faults {
  readonly #file: string;
  readonly #lines: string[] = [];
  #count = 0;

  /** @param file as it is named in the message */
  constructor(file: string) {
    this.#file = file;
  }

  /** @param where `line 3, column 7` or `images[3].id` */
  add(where: string, what: string): void {
    this.#count += 1;
    if (this.#lines.length < SHOWN) this.#lines.push(`${where}: ${what}`);
  }

  /** @throws SluiceError SLUICE_E_SOURCE_SYNTAX when there is any fault */
  raise(): void {
    const [first] = this.#lines;
    if (first === undefined) return;
    if (this.#count === 1) throw new SluiceError('SLUICE_E_SOURCE_SYNTAX', `${this.#file}, ${first}`);
    const rest = this.#count > SHOWN ? [`  and ${this.#count - SHOWN} more`] : [];
    const all = [`${this.#file} has ${this.#count} faults:`, ...this.#lines.map((line) => `  ${line}`), ...rest];
    throw new SluiceError('SLUICE_E_SOURCE_SYNTAX', all.join('\n'));
  }
}
