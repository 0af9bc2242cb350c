/**
 * Campaigns: what people ask for, or want no more of, while the stream runs. An item that is like an example, or of a class as far as labels or the head
 * say, answers the campaign: its score is raised, or it is not eligible.
 */
import { packCampaign, unpackCampaign } from '../../schemas/campaign.ts';
import type { Change } from '../../schemas/decision.ts';
import { Packer, Unpacker } from './codec.ts';
import { dot } from './vectors.ts';

/** Bounds: each item is compared with every example. */
export const MOST_CAMPAIGNS = 50;
export const MOST_EXAMPLES = 1000;

/** Of a pipeline that has none. */
export const NO_CAMPAIGNS: readonly Campaign[] = [];

interface Base {
  /** Of a-z 0-9 and -, unique. */
  readonly name: string;
  /** Similarity or confidence from which an item answers, 0..1. */
  readonly from: number;
}

interface Asking extends Base {
  /** How much what answers is wanted, as a log need is added to that of its classes. */
  readonly weight: number;
  /** Items to admit at most; null: any number. */
  readonly cap: number | null;
}

export type Campaign =
  | (Asking & { readonly kind: 'more'; readonly examples: readonly Float32Array[] })
  | (Asking & { readonly kind: 'class'; readonly class: string })
  | (Base & { readonly kind: 'none'; readonly examples: readonly Float32Array[] });

/** A campaign that an item answers. */
export interface Answer {
  readonly name: string;
  /** The similarity to the nearest example, or the confidence, and what it was held against. */
  readonly value: number;
  readonly threshold: number;
  /** How much it is wanted, as a log; null: it is barred. */
  readonly weight: number | null;
}

const LIST = 'campaigns';
const STANDING = 'campaign';
/** Kinds of records that are this file's. */
export const CAMPAIGNS: ReadonlySet<string> = new Set([LIST, STANDING]);

export class Campaigns {
  #list: readonly Campaign[] = [];
  #packed = packCampaigns([]);
  readonly #admitted = new Map<string, number>();
  #changes = new Map<string, Change>();

  /** Replaces the list, which is not to be changed afterwards; what was admitted for a campaign of the same name goes on counting. @returns the new list as bytes; null where it is the one there is */
  set(list: readonly Campaign[]): Uint8Array | null {
    if (list === this.#list) return null;
    const packed = packCampaigns(list);
    if (sameBytes(packed, this.#packed)) {
      this.#list = list;
      return null;
    }
    const gone = this.#list.length - list.length;
    this.#list = list;
    this.#packed = packed;
    for (const name of this.#admitted.keys()) if (!list.some((campaign) => campaign.name === name)) this.#admitted.delete(name);
    this.#put({ kind: LIST, key: 0, value: packed });
    for (const key of list.keys()) this.#putStanding(key);
    for (let key = list.length; key < list.length + gone; key++) this.#put({ kind: STANDING, key, value: null });
    return packed;
  }

  /**
   * The campaigns that an item answers and that have not got all they want, in their order.
   * @param x unit length. @param confidence of a class, 0..1: how sure it is that the item shows it; asked where a campaign wants to know
   */
  answers(x: Float32Array, confidence: (name: string) => number): readonly Answer[] {
    const found: Answer[] = [];
    for (const campaign of this.#list) {
      if (campaign.kind !== 'none' && this.#count(campaign.name) >= (campaign.cap ?? Infinity)) continue;
      const value = campaign.kind === 'class' ? confidence(campaign.class) : likeness(x, campaign.examples);
      if (value >= campaign.from) found.push({ name: campaign.name, value, threshold: campaign.from, weight: campaign.kind === 'none' ? null : campaign.weight });
    }
    return found;
  }

  /** An item that answers these was admitted. */
  admit(answers: readonly Answer[]): void {
    for (const { name } of answers) {
      this.#admitted.set(name, this.#count(name) + 1);
      this.#putStanding(this.#list.findIndex((campaign) => campaign.name === name));
    }
  }

  #count(name: string): number {
    return this.#admitted.get(name) ?? 0;
  }

  #putStanding(key: number): void {
    const campaign = this.#list[key];
    if (campaign === undefined) return;
    const value = campaign.kind === 'none' ? null : packCampaign({ name: campaign.name, admitted: this.#count(campaign.name), cap: campaign.cap });
    this.#put({ kind: STANDING, key, value });
  }

  #put(change: Change): void {
    this.#changes.set(`${change.kind} ${change.key}`, change);
  }

  takeChanges(): readonly Change[] {
    const changes = [...this.#changes.values()];
    this.#changes = new Map();
    return changes;
  }

  restore({ kind, value }: Change): void {
    if (value === null) return;
    if (kind === LIST) {
      this.#list = unpackCampaigns(value);
      this.#packed = value.slice();
    } else {
      const { name, admitted } = unpackCampaign(value);
      this.#admitted.set(name, admitted);
    }
  }
}

function likeness(x: Float32Array, examples: readonly Float32Array[]): number {
  return examples.reduce((most, example) => Math.max(most, dot(x, 0, example, 0, x.length)), -1);
}

/** The list as bytes. */
export function packCampaigns(list: readonly Campaign[]): Uint8Array {
  const out = new Packer().f64(list.length);
  for (const campaign of list) {
    out.text(campaign.kind).text(campaign.name).f64(campaign.from);
    if (campaign.kind !== 'none') out.f64(campaign.weight, campaign.cap ?? -1);
    if (campaign.kind === 'class') out.text(campaign.class);
    else {
      out.f64(campaign.examples.length);
      for (const example of campaign.examples) out.f32s(example);
    }
  }
  return out.done();
}

/** The list that an event of the log holds. */
export function unpackCampaigns(value: Uint8Array): readonly Campaign[] {
  const from = new Unpacker(value);
  return Array.from({ length: from.f64() }, (): Campaign => {
    const kind = from.text() as Campaign['kind'];
    const base = { name: from.text(), from: from.f64() };
    if (kind === 'none') return { kind, ...base, examples: examplesIn(from) };
    const weight = from.f64();
    const cap = from.f64();
    const asking = { ...base, weight, cap: cap < 0 ? null : cap };
    return kind === 'class' ? { kind, ...asking, class: from.text() } : { kind, ...asking, examples: examplesIn(from) };
  });
}

function examplesIn(from: Unpacker): readonly Float32Array[] {
  return Array.from({ length: from.f64() }, () => from.f32s());
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
