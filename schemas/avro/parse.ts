/** Schema texts, which may come from a registry and so from anybody. */
import avsc, { type Type } from 'avsc';
import { SluiceError } from '../errors.ts';
import { crc64Avro } from '../wire-fingerprint.ts';

/** Enough for any schema people write; one that is longer is none. */
const MAX_LENGTH = 1_000_000;

/** @throws SluiceError SLUICE_E_SCHEMA_UNREADABLE */
export function parseSchema(text: string): Type {
  if (text.length > MAX_LENGTH) throw new SluiceError('SLUICE_E_SCHEMA_UNREADABLE', `a schema of ${text.length} characters is too long`);
  try {
    const schema: unknown = JSON.parse(text);
    return avsc.Type.forSchema(schema as Parameters<typeof avsc.Type.forSchema>[0], { omitRecordMethods: true });
  } catch (thrown) {
    throw new SluiceError('SLUICE_E_SCHEMA_UNREADABLE', `no valid Avro schema: ${brief(thrown)}`, { cause: thrown });
  }
}

/** Parsing Canonical Form (Avro specification): avsc leaves out all that is not needed for reading, in the order the specification gives. */
export function canonicalForm(type: Type): string {
  return JSON.stringify(type.schema());
}

/** CRC-64-AVRO of the canonical form. */
export function fingerprintOf(type: Type): bigint {
  return crc64Avro(canonicalForm(type));
}

/** avsc quotes whole schemas and values in its messages. */
export function brief(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return message.length > 300 ? `${message.slice(0, 300)}…` : message;
}
