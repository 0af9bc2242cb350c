/**
 * Avro types of the subjects: values to bytes in the newest version, and bytes of any compatible version back to values. A message decides nothing here but
 * whether it is a record or a SluiceError: the schema and the bytes may be anybody's.
 */
import type { Type } from 'avsc';
import { SluiceError } from '../errors.ts';
import type { Records, Subject } from '../records.ts';
import { BoundedMap } from './bounded-map.ts';
import { readVersions, type Versions } from './files.ts';
import { brief, fingerprintOf, parseSchema } from './parse.ts';
import { scannerOf } from './scan.ts';
import { faultOf } from './value-fault.ts';

/** Schemas of other writers kept ready to read with. */
const MAX_WRITERS = 256;

/** Bytes written with one schema to a value of the newest version. */
type Read = (bytes: Buffer) => unknown;

export class AvroType<T> {
  readonly subject: Subject;
  /** The newest version as JSON without white space: what is registered. */
  readonly schema: string;
  /** CRC-64-AVRO of the newest version, unsigned. */
  readonly fingerprint: bigint;
  readonly #type: Type;
  /** Text of every shipped version by fingerprint. */
  readonly #shipped: ReadonlyMap<bigint, string>;
  /** By text of the writer's schema; one that cannot be read stays one that cannot be read. */
  readonly #reads = new BoundedMap<string, Read | SluiceError>(MAX_WRITERS);

  /** @throws SluiceError SLUICE_E_SCHEMA_UNREADABLE */
  constructor(subject: Subject, versions: Versions = readVersions(subject)) {
    const texts = [...versions.values()];
    this.subject = subject;
    this.schema = texts.at(-1) ?? '';
    this.#type = parseSchema(this.schema);
    this.fingerprint = fingerprintOf(this.#type);
    this.#shipped = new Map(texts.map((text) => [fingerprintOf(parseSchema(text)), text]));
  }

  /** The version of this subject with that fingerprint, where one was ever shipped. */
  shipped(fingerprint: bigint): string | undefined {
    return this.#shipped.get(fingerprint);
  }

  /** In the newest version. @throws SluiceError SLUICE_E_RECORD_INVALID */
  encode(value: T): Buffer {
    const fault = faultOf(this.#type, value);
    if (fault !== null) throw new SluiceError('SLUICE_E_RECORD_INVALID', `${this.subject}: ${fault}`);
    return this.#type.toBuffer(value);
  }

  /**
   * @param bytes one whole datum; nothing of it is kept
   * @param writerSchema what it was written with; the newest version where not given
   * @throws SluiceError SLUICE_E_RECORD_CORRUPT, SLUICE_E_SCHEMA_UNREADABLE
   */
  decode(bytes: Buffer, writerSchema: string = this.schema): T {
    const read = this.#readOf(writerSchema);
    if (read instanceof SluiceError) throw new SluiceError(read.code, read.message, { cause: read });
    try {
      return read(bytes) as T;
    } catch (thrown) {
      throw new SluiceError('SLUICE_E_RECORD_CORRUPT', `${this.subject}: ${brief(thrown)}`, { cause: thrown });
    }
  }

  #readOf(writerSchema: string): Read | SluiceError {
    const kept = this.#reads.get(writerSchema);
    if (kept !== undefined) return kept;
    const read = this.#prepare(writerSchema);
    this.#reads.set(writerSchema, read);
    return read;
  }

  #prepare(writerSchema: string): Read | SluiceError {
    try {
      const writer = parseSchema(writerSchema);
      const scan = scannerOf(writer);
      const same = fingerprintOf(writer) === this.fingerprint;
      // The specification matches records by their name without its namespace: other producers have their own.
      const resolver = same ? undefined : this.#type.createResolver(writer, { ignoreNamespaces: true });
      return (bytes) => {
        scan(bytes);
        const value: unknown = this.#type.fromBuffer(bytes, resolver);
        return value;
      };
    } catch (thrown) {
      return new SluiceError('SLUICE_E_SCHEMA_UNREADABLE', `${this.subject}: ${brief(thrown)}`, { cause: thrown });
    }
  }
}

const types = new Map<Subject, unknown>();

/** The type of a subject, made once. */
export function avroType<S extends Subject>(subject: S): AvroType<Records[S]> {
  const made = types.get(subject) ?? new AvroType<Records[S]>(subject);
  types.set(subject, made);
  return made as AvroType<Records[S]>;
}
