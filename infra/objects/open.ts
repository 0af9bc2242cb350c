import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates } from 'node:tls';
import { SluiceError } from '../../schemas/errors.ts';
import { DEFAULT_LIMITS as DECODER } from '../media/limits.ts';
import { errno, show } from '../sources/text.ts';
import { Dial, systemResolve, type Resolve } from './dial.ts';
import { openFile, openFolders } from './file.ts';
import { allowedHosts } from './hosts.ts';
import type { Sleep } from './retry.ts';
import type { ObjectLimits, ObjectRules, Retries } from './rules.ts';
import { S3, s3Faults } from './s3.ts';
import type { Env } from './secret.ts';
import { objectStore, type ObjectStore, type Opener } from './store.ts';
import { Web } from './web.ts';

const LIMITS: ObjectLimits = { bytes: DECODER.bytes, seconds: 60, idleSeconds: 15 };
/** 3.5 seconds of waiting in all: time for an object that was written just after its sample. */
const RETRIES: Retries = { attempts: 4, firstMs: 500, mostMs: 10_000 };

/** What tests put in the place of the world. */
export interface World {
  readonly env: Env;
  readonly now: () => Date;
  readonly sleep: Sleep;
  readonly resolve: Resolve;
}

const WORLD: World = { env: process.env, now: () => new Date(), sleep: (ms, signal) => sleep(ms, undefined, { signal }), resolve: systemResolve };

/** @throws SluiceError SLUICE_E_CONFIG_INVALID with all faults of the rules, none of which shows a secret */
export function openObjects(rules: ObjectRules, world: Partial<World> = {}): ObjectStore {
  const { env, now, sleep: wait, resolve } = { ...WORLD, ...world };
  const limits: ObjectLimits = { ...LIMITS, ...given(rules.limits) };
  const retries: Retries = { ...RETRIES, ...given(rules.retries) };
  const { folders, faults: folderFaults } = openFolders(rules.roots ?? []);
  const { hosts, faults: hostFaults } = allowedHosts(rules.hosts ?? [], env);
  const { authorities, faults: authorityFaults } = trusted(rules.authorities);
  const faults = [...folderFaults, ...hostFaults, ...(rules.s3 === undefined ? [] : s3Faults(rules.s3, env)), ...authorityFaults, ...numberFaults({ ...limits, ...retries })];
  if (faults.length > 0) throw new SluiceError('SLUICE_E_CONFIG_INVALID', `The rules for references have faults: ${faults.join('; ')}.`);

  const openers = new Map<string, Opener>();
  const dials: Dial[] = [];
  const dial = (privateAddresses: boolean): Dial => {
    const made = new Dial({ privateAddresses, resolve, authorities });
    dials.push(made);
    return made;
  };
  if (folders.length > 0) openers.set('file', (uri) => openFile(uri, folders, limits.bytes));
  if (hosts.length > 0) {
    const web = new Web(hosts, dial(rules.privateAddresses ?? false), env, limits.bytes);
    for (const scheme of ['http', 'https']) openers.set(scheme, (uri, attempt) => web.open(uri, attempt));
  }
  if (rules.s3 !== undefined) {
    const s3 = new S3(rules.s3, dial(true), { env, now }, limits.bytes);
    openers.set('s3', (uri, attempt) => s3.open(uri, attempt));
  }
  return objectStore({ openers, limits, retries, sleep: wait, close: () => dials.forEach((made) => made.close()) });
}

function trusted(file: string | undefined): { readonly authorities: readonly string[] | undefined; readonly faults: readonly string[] } {
  if (file === undefined) return { authorities: undefined, faults: [] };
  try {
    const pem = readFileSync(file, 'utf8');
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) return { authorities: undefined, faults: [`the file of authorities ${show(file)} holds no certificate`] };
    return { authorities: [...getCACertificates('default'), pem], faults: [] };
  } catch (thrown) {
    return { authorities: undefined, faults: [`the file of authorities ${show(file)} cannot be read (${errno(thrown) || 'unknown error'})`] };
  }
}

function numberFaults({ bytes, attempts, seconds, idleSeconds, firstMs, mostMs }: ObjectLimits & Retries): string[] {
  const wrong = [
    ...Object.entries({ bytes, attempts }).filter(([, value]) => !Number.isInteger(value) || value < 1 || value > 2 ** 31),
    ...Object.entries({ seconds, idleSeconds }).filter(([, value]) => !(value > 0 && value <= 86_400)),
    ...Object.entries({ firstMs, mostMs }).filter(([, value]) => !(value >= 0 && value <= 86_400_000)),
  ];
  return wrong.map(([name, value]) => `${name} cannot be ${value}`);
}

/** Without what is there but undefined. */
function given<T extends object>(partial: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(partial ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;
}
