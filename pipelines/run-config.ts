/** What an output folder or the state of a partition was made with, against what this run asks for. */
import type { RunConfig } from '../infra/store/types.ts';
import type { Fit } from '../operators/ports.ts';
import type { EngineSettings } from '../operators/state/engine.ts';
import { SluiceError } from '../schemas/errors.ts';
import { rateText } from './config/units.ts';

/** The settings that decide; those there are in one folder alone are left out elsewhere. */
export type Settings = Pick<RunConfig, 'policy' | 'seed' | 'model' | 'purpose' | 'budget' | 'per' | 'fit' | 'reveal' | 'validationShare' | 'objects'> & Partial<RunConfig>;

/** @param model its identity. @param objects of an image that are looked at, at most; 0: none */
export function settingsOf({ policy, seed, purpose, budget, per = 'fleet', reveal, validationShare = 0 }: Pick<EngineSettings, 'policy' | 'seed' | 'purpose' | 'budget' | 'per' | 'reveal' | 'validationShare'>, { model, fit, objects }: { readonly model: string; readonly fit: Fit; readonly objects: number }): Settings {
  return {
    policy: JSON.stringify(policy),
    seed,
    model,
    purpose,
    budget: typeof budget === 'number' ? String(budget) : rateText(budget),
    per,
    fit,
    reveal: reveal.when === 'admitted' ? `admitted:${reveal.after}` : reveal.when,
    validationShare,
    objects: objects === 0 ? 'off' : String(objects),
  };
}

/** What was made with settings, and how to begin anew, in words. */
export interface Made {
  readonly what: string;
  readonly anew: string;
  /** Whether its pictures are there to be embedded again by another model. */
  readonly pictures: boolean;
}

const FOLDER: Made = { what: 'this folder', anew: 'give another --out', pictures: true };

/** Settings whose option has another name. */
const WORDS: Readonly<Partial<Record<keyof RunConfig, string>>> = { per: 'budget-per', validationShare: 'validation-share' };

/** Each setting that differs, as "name: was -> now". The source may differ: the stream goes on. */
export function differences(was: Settings, now: Settings): readonly string[] {
  const found: string[] = [];
  for (const name of ['seed', 'model', 'purpose', 'budget', 'per', 'fit', 'reveal', 'validationShare', 'guard', 'known', 'objects', 'gate'] as const) {
    if (was[name] !== now[name]) found.push(`${WORDS[name] ?? name}: ${was[name] ?? 'none'} -> ${now[name] ?? 'none'}`);
  }
  const before = flatten('policy', JSON.parse(was.policy));
  const after = flatten('policy', JSON.parse(now.policy));
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(name) !== after.get(name)) found.push(`${name}: ${before.get(name) ?? 'unset'} -> ${after.get(name) ?? 'unset'}`);
  }
  return found;
}

/** @throws SluiceError SLUICE_E_CONFIG_CHANGED naming each difference, unless the change is wanted */
export function checkUnchanged(was: Settings | null, now: Settings, change: boolean, { what, anew, pictures }: Made = FOLDER): void {
  if (was === null) return;
  const found = differences(was, now);
  if (was.model !== now.model && !(pictures && change)) {
    const again = pictures ? '--change embeds its pictures again (docs/embeddings.md), or ' : '';
    throw new SluiceError('SLUICE_E_CONFIG_CHANGED', `${what} was made with another model, whose embeddings cannot be compared with this one's; ${again}${anew}:\n${found.join('\n')}`);
  }
  if (found.length > 0 && !change) throw new SluiceError('SLUICE_E_CONFIG_CHANGED', `${what} was made with other settings:\n${found.join('\n')}`);
}

function flatten(prefix: string, value: unknown): Map<string, string> {
  const out = new Map<string, string>();
  if (typeof value !== 'object' || value === null) return out.set(prefix, JSON.stringify(value));
  for (const [key, inner] of Object.entries(value)) for (const [name, text] of flatten(`${prefix}.${key}`, inner)) out.set(name, text);
  return out;
}
