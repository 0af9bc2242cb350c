/** The schema files as they lie beside this one: `<subject>/<version>.avsc` and `fingerprints.json`. */
import { readdirSync, readFileSync } from 'node:fs';
import { SluiceError } from '../errors.ts';

/** Text of each version of a subject, ascending, as JSON without white space. */
export type Versions = ReadonlyMap<number, string>;

/** SHA-256 of every version that was shipped, by subject and version, hex. */
export type Fingerprints = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const SCHEMA_FOLDER = new URL('./', import.meta.url);

/** @throws SluiceError SLUICE_E_SCHEMA_UNREADABLE */
export function readVersions(subject: string, folder = SCHEMA_FOLDER): Versions {
  const files = readdirSync(new URL(`${subject}/`, folder)).flatMap((name) => /^([1-9]\d*)\.avsc$/.exec(name)?.[1] ?? []);
  const versions = files.map(Number).sort((a, b) => a - b);
  return new Map(versions.map((version) => [version, compact(new URL(`${subject}/${version}.avsc`, folder))]));
}

function compact(file: URL): string {
  try {
    return JSON.stringify(JSON.parse(readFileSync(file, 'utf8')));
  } catch (thrown) {
    throw new SluiceError('SLUICE_E_SCHEMA_UNREADABLE', `${file.pathname} is no JSON`, { cause: thrown });
  }
}

/** Every folder of schemas, whether the code knows it or not. */
export function readAllVersions(folder = SCHEMA_FOLDER): ReadonlyMap<string, Versions> {
  const subjects = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return new Map(subjects.sort().map((subject) => [subject, readVersions(subject, folder)]));
}

export function readFingerprints(folder = SCHEMA_FOLDER): Fingerprints {
  return JSON.parse(readFileSync(new URL('fingerprints.json', folder), 'utf8')) as Fingerprints;
}
