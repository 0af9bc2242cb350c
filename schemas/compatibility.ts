/**
 * FULL_TRANSITIVE, as schema registries call it: of every two versions of a subject each reads what the other wrote, so that producers and consumers can be
 * upgraded in any order and old data stays readable. And what was shipped is never changed: others have written data with it.
 */
import { createHash } from 'node:crypto';
import type { Fingerprints, Versions } from './avro/files.ts';
import { brief, parseSchema } from './avro/parse.ts';
import { SUBJECTS } from './records.ts';

export interface SchemaFault {
  readonly subject: string;
  readonly versions: readonly number[];
  readonly cause: string;
}

/** @param text as JSON without white space. @returns SHA-256, hex: of the whole text, for defaults matter too, which a CRC-64-AVRO leaves out */
export function textFingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** All faults of all subjects. @param fingerprints of what was ever shipped */
export function schemaFaults(subjects: ReadonlyMap<string, Versions>, fingerprints: Fingerprints): readonly SchemaFault[] {
  const names = new Set<string>([...SUBJECTS, ...subjects.keys(), ...Object.keys(fingerprints)]);
  return [...names].flatMap((subject) => {
    const versions: Versions = subjects.get(subject) ?? new Map();
    return [...numberingFaults(subject, versions), ...changeFaults(subject, versions, fingerprints[subject] ?? {}), ...readingFaults(subject, versions)];
  });
}

function numberingFaults(subject: string, versions: Versions): readonly SchemaFault[] {
  if (versions.size === 0) return [{ subject, versions: [], cause: 'there is no version of it' }];
  const gap = [...versions.keys()].findIndex((version, i) => version !== i + 1);
  return gap === -1 ? [] : [{ subject, versions: [gap + 1], cause: `version ${gap + 1} is missing` }];
}

function changeFaults(subject: string, versions: Versions, shipped: Readonly<Record<string, string>>): readonly SchemaFault[] {
  const numbers = [...new Set([...versions.keys(), ...Object.keys(shipped).map(Number)])].sort((a, b) => a - b);
  return numbers.flatMap((version) => {
    const cause = changeOf(versions.get(version), shipped[version]);
    return cause === null ? [] : [{ subject, versions: [version], cause: `version ${version} ${cause}` }];
  });
}

function changeOf(text: string | undefined, fingerprint: string | undefined): string | null {
  if (fingerprint === undefined) return 'has no fingerprint in schemas/avro/fingerprints.json';
  if (text === undefined) return 'was shipped and is gone';
  return textFingerprint(text) === fingerprint ? null : 'was changed after it was shipped; make it a version of its own';
}

function readingFaults(subject: string, versions: Versions): readonly SchemaFault[] {
  return [...versions].flatMap(([reader, readerText]) =>
    [...versions].flatMap(([writer, writerText]) => {
      const cause = readingFault(readerText, writerText);
      if (cause === null) return [];
      // With itself it is read by neither: then it is no schema.
      return [{ subject, versions: [reader, writer], cause: reader === writer ? `version ${reader}: ${cause}` : `version ${reader} cannot read what version ${writer} wrote: ${cause}` }];
    }),
  );
}

function readingFault(reader: string, writer: string): string | null {
  try {
    parseSchema(reader).createResolver(parseSchema(writer));
    return null;
  } catch (thrown) {
    return brief(thrown);
  }
}
