/** Streams from which nothing comes, so that an alert is raised once and not again before something came. */
import type { Change } from '../../schemas/decision.ts';
import { Packer, Unpacker } from './codec.ts';

export const SILENCE = 'silence';
/** Streams that are silent at once, at most; further ones raise no alert. */
const MOST = 1000;

export class Silence {
  readonly #streams = new Set<string>();
  #changed = false;

  /** Something came. */
  heard(stream: string): void {
    if (this.#streams.delete(stream)) this.#changed = true;
  }

  /** @returns whether it is news */
  noticed(stream: string): boolean {
    if (this.#streams.has(stream) || this.#streams.size >= MOST) return false;
    this.#streams.add(stream);
    this.#changed = true;
    return true;
  }

  *takeChanges(): Iterable<Change> {
    if (!this.#changed) return;
    this.#changed = false;
    const out = new Packer().f64(this.#streams.size);
    for (const stream of this.#streams) out.text(stream);
    yield { kind: SILENCE, key: 0, value: out.done() };
  }

  restore(value: Uint8Array): void {
    const from = new Unpacker(value);
    for (let left = from.f64(); left > 0; left--) this.#streams.add(from.text());
  }
}

export function packSilent(stream: string, time: number): Uint8Array {
  return new Packer().text(stream).f64(time).done();
}

export function unpackSilent(payload: Uint8Array): { readonly stream: string; readonly time: number } {
  const from = new Unpacker(payload);
  return { stream: from.text(), time: from.f64() };
}
