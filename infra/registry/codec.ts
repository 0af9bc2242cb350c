/**
 * Records to messages and back. With a registry, messages are framed as Confluent's clients do it and the newest schema of a subject is registered under
 * `<topic>-value` (TopicNameStrategy); without one they are single objects. Both framings are read in either case.
 */
import { avroType, type AvroType } from '../../schemas/avro/index.ts';
import { SluiceError } from '../../schemas/errors.ts';
import type { Records, Subject } from '../../schemas/records.ts';
import { frameConfluent, frameSingleObject, unframe } from '../../schemas/wire.ts';
import { openRegistry, type Registry } from './client.ts';
import type { RegistryOptions } from './request.ts';

export interface CodecOptions extends Omit<RegistryOptions, 'url'> {
  /** URL of the registry; null for none. */
  readonly registry: string | null;
  /** Whether schemas are registered, which is the default, or have to be registered already. */
  readonly register?: boolean;
}

export interface Codec {
  /**
   * The schema's id is found here, once; the writer itself waits for nothing and throws SLUICE_E_RECORD_INVALID.
   * @throws SluiceError SLUICE_E_SCHEMA_REFUSED, SLUICE_E_SCHEMA_UNKNOWN, SLUICE_E_REGISTRY_…
   */
  writer<S extends Subject>(subject: S, topic: string): Promise<(value: Records[S]) => Buffer>;
  /**
   * The reader answers at once where the schema is known, and with a promise where the registry is to be asked.
   * It throws (or rejects with) SLUICE_E_WIRE_FORMAT, SLUICE_E_SCHEMA_UNKNOWN, SLUICE_E_SCHEMA_UNREADABLE or SLUICE_E_RECORD_CORRUPT for a bad message,
   * and SLUICE_E_REGISTRY_… for what is not the message's fault.
   */
  reader<S extends Subject>(subject: S): (message: Buffer) => Records[S] | Promise<Records[S]>;
}

/** @throws SluiceError SLUICE_E_CONFIG_INVALID; SLUICE_E_REGISTRY_… where no registry answers, so that nothing starts without */
export async function openCodec({ registry: url, register = true, ...options }: CodecOptions): Promise<Codec> {
  const registry = url === null ? null : openRegistry({ url, ...options });
  await registry?.check();
  return {
    async writer(subject, topic) {
      const type = avroType(subject);
      if (registry === null) return (value) => frameSingleObject(type.fingerprint, type.encode(value));
      const name = `${topic}-value`;
      const id = await (register ? registry.register(name, type.schema) : registry.find(name, type.schema));
      return (value) => frameConfluent(id, type.encode(value));
    },
    reader(subject) {
      const type = avroType(subject);
      return (message) => read(type, message, registry);
    },
  };
}

function read<T>(type: AvroType<T>, message: Buffer, registry: Registry | null): T | Promise<T> {
  const frame = unframe(message);
  const { body } = frame;
  if (frame.framing === 'single-object') {
    const schema = type.shipped(frame.fingerprint);
    if (schema === undefined) throw unknown(`no version of ${type.subject} has the fingerprint ${frame.fingerprint.toString(16).padStart(16, '0')}`);
    return type.decode(body, schema);
  }
  if (registry === null) throw unknown(`the message names schema ${frame.id} of a registry, and no registry is configured`);
  const schema = registry.known(frame.id);
  return schema === undefined ? registry.schema(frame.id).then((found) => type.decode(body, found)) : type.decode(body, schema);
}

function unknown(cause: string): SluiceError {
  return new SluiceError('SLUICE_E_SCHEMA_UNKNOWN', cause);
}
