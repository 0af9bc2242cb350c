import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readAllVersions, readFingerprints, readVersions, SCHEMA_FOLDER, type Fingerprints, type Versions } from '../../../schemas/avro/files.ts';
import { schemaFaults, textFingerprint } from '../../../schemas/compatibility.ts';
import { SUBJECTS } from '../../../schemas/records.ts';
import { schemasCheckCommand } from '../../../pipelines/commands/schemas.ts';
import { program } from '../../../pipelines/program.ts';
import { codeOf } from './thrown.ts';

const shipped = readAllVersions();

/** `UPDATE_FINGERPRINTS=1 vitest run test/unit/schemas/compatibility.test.ts` takes new versions up. What is there is never changed: it was shipped. */
test('every shipped version is on record and compatible with every other', () => {
  if (process.env['UPDATE_FINGERPRINTS'] === '1') writeFileSync(new URL('fingerprints.json', SCHEMA_FOLDER), `${JSON.stringify(withMissing(readFingerprints()), null, 2)}\n`);
  expect(schemaFaults(shipped, readFingerprints())).toEqual([]);
  expect([...shipped.keys()].sort()).toEqual([...SUBJECTS].sort());
});

function withMissing(known: Fingerprints): Fingerprints {
  const entries = [...shipped].map(([subject, versions]) => {
    const own = [...versions].map(([version, text]) => [version, known[subject]?.[version] ?? textFingerprint(text)] as const);
    return [subject, { ...known[subject], ...Object.fromEntries(own) }] as const;
  });
  return { ...known, ...Object.fromEntries(entries) };
}

const record = (...fields: readonly object[]): string => JSON.stringify({ type: 'record', name: 'sluice.Label', fields });
const ID = { name: 'id', type: 'string' };

/** The shipped subjects, but with these versions of `label`, all on record. */
function withLabels(...texts: readonly string[]): { subjects: Map<string, Versions>; fingerprints: Fingerprints } {
  const versions = new Map(texts.map((text, i) => [i + 1, text]));
  const fingerprints = { ...readFingerprints(), label: Object.fromEntries([...versions].map(([version, text]) => [version, textFingerprint(text)])) };
  return { subjects: new Map([...shipped, ['label', versions]]), fingerprints };
}

function faultsOf(...texts: readonly string[]): readonly (readonly [versions: readonly number[], cause: string])[] {
  const { subjects, fingerprints } = withLabels(...texts);
  return schemaFaults(subjects, fingerprints).map(({ subject, versions, cause }) => [versions, `${subject}: ${cause}`]);
}

describe('a version that', () => {
  test('adds or leaves out fields with a default is compatible', () => {
    const more = { name: 'more', type: ['null', 'string'], default: null };
    expect(faultsOf(record(ID, more), record(ID), record(ID, { name: 'other', type: 'int', default: 1 }))).toEqual([]);
  });

  test('adds a field without a default cannot read what was written before', () => {
    expect(faultsOf(record(ID), record(ID, { name: 'more', type: 'string' }))).toEqual([[[2, 1], expect.stringMatching(/^label: version 2 cannot read what version 1 wrote: .*sluice\.Label\.more/)]]);
  });

  test('leaves out a field without a default cannot be read by what is there', () => {
    expect(faultsOf(record(ID, { name: 'more', type: 'string' }), record(ID))).toEqual([[[1, 2], expect.stringContaining('version 1 cannot read what version 2 wrote')]]);
  });

  test('promotes a type is readable one way only', () => {
    expect(faultsOf(record({ name: 'id', type: 'int' }), record({ name: 'id', type: 'long' })).map(([versions]) => versions)).toEqual([[1, 2]]);
  });

  test('adds a branch or a symbol is readable one way only', () => {
    const image = (...types: readonly string[]): string => record({ name: 'image', type: types });
    expect(faultsOf(image('null', 'string'), image('null', 'string', 'int')).map(([versions]) => versions)).toEqual([[1, 2]]);
    const verdict = (...symbols: readonly string[]): string => record({ name: 'verdict', type: { type: 'enum', name: 'V', symbols } });
    expect(faultsOf(verdict('A'), verdict('A', 'B')).map(([versions]) => versions)).toEqual([[1, 2]]);
  });

  test('is compatible with its neighbours but not with the first is found', () => {
    const more = (type: string): object => ({ name: 'more', type, default: type === 'int' ? 0 : '' });
    expect(faultsOf(record(ID, more('int')), record(ID), record(ID, more('string'))).map(([versions]) => versions)).toEqual([[1, 3], [3, 1]]);
  });

  test('is no schema is found', () => {
    expect(faultsOf('{"type":"recrod"}')).toEqual([[[1, 1], expect.stringMatching(/^label: version 1: no valid Avro schema/)]]);
  });
});

describe('what was shipped', () => {
  const { subjects, fingerprints } = withLabels(record(ID));

  test('is not changed, not even in a default', () => {
    const changed = new Map([...subjects, ['label', new Map([[1, record({ ...ID, default: '' })]])]]);
    expect(schemaFaults(changed, fingerprints)).toEqual([{ subject: 'label', versions: [1], cause: expect.stringContaining('was changed after it was shipped') }]);
  });

  test('is on record', () => {
    expect(schemaFaults(subjects, { ...fingerprints, label: {} })).toEqual([{ subject: 'label', versions: [1], cause: expect.stringContaining('has no fingerprint') }]);
  });

  test('does not go', () => {
    expect(schemaFaults(subjects, { ...fingerprints, label: { ...fingerprints['label'], 2: 'x' } })).toEqual([{ subject: 'label', versions: [2], cause: 'version 2 was shipped and is gone' }]);
    expect(schemaFaults(subjects, { ...fingerprints, gone: { 1: 'x' } })).toContainEqual({ subject: 'gone', versions: [], cause: 'there is no version of it' });
  });

  test('has no gaps', () => {
    const text = record(ID);
    const gap = new Map([...subjects, ['label', new Map([[1, text], [3, text]])]]);
    expect(schemaFaults(gap, { ...fingerprints, label: { 1: textFingerprint(text), 3: textFingerprint(text) } })).toEqual([{ subject: 'label', versions: [2], cause: 'version 2 is missing' }]);
  });
});

describe('sluice schemas check', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });

  function written(): () => string {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    return () => write.mock.calls.map(([text]) => String(text)).join('');
  }

  function output(folder: URL): string {
    const text = written();
    schemasCheckCommand(folder);
    return text();
  }

  /** A copy of the shipped folder with other texts of `label`. */
  function folderWith(...texts: readonly string[]): URL {
    const folder = mkdtempSync(join(tmpdir(), 'schemas-'));
    for (const subject of SUBJECTS) {
      mkdirSync(join(folder, subject));
      const own = [...readVersions(subject).values()];
      for (const [i, text] of (subject === 'label' ? texts : own).entries()) writeFileSync(join(folder, subject, `${i + 1}.avsc`), text);
    }
    const { fingerprints } = withLabels(...texts.slice(0, 1));
    writeFileSync(join(folder, 'fingerprints.json'), JSON.stringify(fingerprints));
    return pathToFileURL(`${folder}/`);
  }

  test('says in one line that all is well', async () => {
    const text = written();
    await program().parseAsync(['node', 'sluice', 'schemas', 'check']);
    expect(text()).toMatch(/^7 subjects, \d+ versions, full transitive compatible\n$/);
    expect(process.exitCode).toBeUndefined();
  });

  test('lists faults and fails', () => {
    expect(output(folderWith(record(ID), record(ID, { name: 'more', type: 'string' })))).toMatch(/^label: version 2 has no fingerprint [^\n]*\nlabel: version 2 cannot read what version 1 wrote: [^\n]*\n$/);
    expect(process.exitCode).toBe(1);
  });

  test('a file that is no JSON is named', () => {
    expect(codeOf(() => output(folderWith(record(ID), '{')))).toBe('SLUICE_E_SCHEMA_UNREADABLE');
  });
});
