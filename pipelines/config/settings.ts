/** The words of the command line, read into settings; every fault at once. */
import { availableParallelism } from 'node:os';
import type { Reveal } from '../../operators/state/labels.ts';
import type { Rate } from '../../operators/state/rate-budget.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { rateOf, size } from './units.ts';

/** Embedding threads. */
export const DEFAULT_WORKERS = Math.min(4, availableParallelism());

/** @throws SluiceError */
export function readFolder(option: string, text: string): string {
  if (text.trim() !== '') return text;
  throw new SluiceError('SLUICE_E_CONFIG_INVALID', `${option} must name a folder`);
}

/** Admitted share of decided items, 0 < share <= 1, or items per time. @throws SluiceError */
export function readBudget(text: string): number | Rate {
  const rate = rateOf(text);
  if (rate !== null) return rate;
  const [, digits = '', percent] = /^(\d*\.?\d+)\s?(%?)$/.exec(text) ?? [];
  const share = digits === '' ? NaN : Number(digits) / (percent === '%' ? 100 : 1);
  if (share > 0 && share <= 1) return share;
  throw new SluiceError('SLUICE_E_CONFIG_INVALID', `--budget must be a share above 0 and up to 1, such as 0.25 or 25%, or so many per minute, hour or day, such as 100/hour, not "${text}"`);
}

/** Null where the text is none. */
export function revealOf(text: string): Reveal | null {
  if (text === 'all' || text === 'never') return { when: text };
  const after = /^admitted:(\d+)$/.exec(text)?.[1];
  return after !== undefined && Number(after) >= 1 ? { when: 'admitted', after: Number(after) } : null;
}

/** Objects of an image that are embedded as crops, where nobody says how many. */
const AUTO_OBJECTS = 32;
/** As many at most: bounds what is held in memory. */
export const MOST_OBJECTS = 256;

/** 0: off. Null where the text is none. */
export function objectsOf(text: string): number | null {
  if (text === 'auto') return AUTO_OBJECTS;
  if (text === 'off') return 0;
  const count = /^\d{1,3}$/.test(text) ? Number(text) : NaN;
  return count >= 1 && count <= MOST_OBJECTS ? count : null;
}

export function readObjects(text: string): number {
  const objects = objectsOf(text);
  if (objects !== null) return objects;
  throw new SluiceError('SLUICE_E_CONFIG_INVALID', `--objects must be auto, off or a whole number from 1 to ${MOST_OBJECTS}, not "${text}"`);
}

export function readReveal(text: string): Reveal {
  const reveal = revealOf(text);
  if (reveal !== null) return reveal;
  throw new SluiceError('SLUICE_E_CONFIG_INVALID', `--reveal must be all, never or admitted:<n> with n at least 1, not "${text}"`);
}

export function readWhole(name: string, text: string, min: number, max: number): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new SluiceError('SLUICE_E_CONFIG_INVALID', `${name} must be a whole number from ${min} to ${max}, not "${text}"`);
}

/** Frames a second. @throws SluiceError */
export function readFps(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const fps = /^\d*\.?\d+$/.test(text) ? Number(text) : NaN;
  if (fps >= 0.001 && fps <= 1000) return fps;
  throw new SluiceError('SLUICE_E_CONFIG_INVALID', `--fps must be a number of frames a second from 0.001 to 1000, such as 2 or 0.5, not "${text}"`);
}

/** Bytes. @throws SluiceError */
export function readSize(name: string, text: string): number {
  const { data, error } = size('0B', '1GB').safeParse(text);
  if (data !== undefined) return data;
  throw new SluiceError('SLUICE_E_CONFIG_INVALID', `${name}: ${error?.issues[0]?.message ?? 'no size'}, not "${text}"`);
}

export function readOneOf<const T extends string>(name: string, text: string, words: readonly T[]): T {
  const word = words.find((candidate) => candidate === text);
  if (word !== undefined) return word;
  throw new SluiceError('SLUICE_E_CONFIG_INVALID', `${name} must be one of ${words.join(', ')}, not "${text}"`);
}

/** Runs all readers and throws one error that names every fault, a line each. */
export function allOrFaults<T extends Record<string, () => unknown>>(readers: T): { [K in keyof T]: ReturnType<T[K]> } {
  const values: Record<string, unknown> = {};
  const faults: SluiceError[] = [];
  for (const [name, read] of Object.entries(readers)) {
    try {
      values[name] = read();
    } catch (thrown) {
      if (!(thrown instanceof SluiceError)) throw thrown;
      faults.push(thrown);
    }
  }
  const [first] = faults;
  if (first !== undefined) {
    const code = faults.every((fault) => fault.code === first.code) ? first.code : 'SLUICE_E_CONFIG_INVALID';
    throw new SluiceError(code, faults.map((fault) => fault.message).join('\n'));
  }
  return values as { [K in keyof T]: ReturnType<T[K]> };
}
