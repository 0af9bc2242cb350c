/**
 * A schema registry that speaks the REST interface of Confluent's: the calls that are needed to write and read Avro, and no others. What it says of an id or of
 * a schema never changes, so each is asked once; questions at the same time are one.
 */
import { SluiceError } from '../../schemas/errors.ts';
import { answerError, isRefusal, type Call } from './answer.ts';
import { Once } from './once.ts';
import { askingOf, type RegistryOptions } from './request.ts';

/** Schemas and ids remembered: ids come in messages, and anybody can write those. */
const REMEMBERED = 1000;

/** All throw SLUICE_E_REGISTRY_UNAVAILABLE (retriable), SLUICE_E_REGISTRY_DENIED or SLUICE_E_REGISTRY_ANSWER, and what else is said. */
export interface Registry {
  /** Without credentials. */
  readonly url: string;
  /** Whether a registry answers there and takes the credentials. */
  check(): Promise<void>;
  /** Registers a schema (again: that changes nothing). @returns its id. @throws SluiceError SLUICE_E_SCHEMA_REFUSED */
  register(subject: string, schema: string): Promise<number>;
  /** @returns the id of a schema that is registered under the subject. @throws SluiceError SLUICE_E_SCHEMA_UNKNOWN, SLUICE_E_SCHEMA_REFUSED */
  find(subject: string, schema: string): Promise<number>;
  /** The schema with that id, where it was asked for before. */
  known(id: number): string | undefined;
  /** @throws SluiceError SLUICE_E_SCHEMA_UNKNOWN, SLUICE_E_SCHEMA_UNREADABLE where it is none of Avro */
  schema(id: number): Promise<string>;
}

/** Asks nothing yet. @throws SluiceError SLUICE_E_CONFIG_INVALID */
export function openRegistry(options: RegistryOptions): Registry {
  const { address, ask } = askingOf(options);
  const ids = new Once<string, number>(REMEMBERED);
  const schemas = new Once<number, string>(REMEMBERED);

  async function get(call: Call): Promise<unknown> {
    const answer = await ask(call);
    if (answer.status !== 200) throw answerError(address, call, answer);
    return answer.json;
  }

  function strange(call: Call, wanted: string): SluiceError {
    return new SluiceError('SLUICE_E_REGISTRY_ANSWER', `${address.url} answers ${call.method} ${call.path} without ${wanted}`);
  }

  function idOf(path: string, schema: string): Promise<number> {
    return ids.of(`${path}\n${schema}`, async () => {
      const call: Call = { method: 'POST', path, body: { schema } };
      const { id } = fieldsOf(await get(call));
      if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id > 0xffff_ffff) throw strange(call, 'an id');
      return id;
    });
  }

  return {
    url: address.url,
    async check() {
      const call: Call = { method: 'GET', path: '/schemas/types' };
      const answer = await ask(call);
      // Registries before Confluent's 5.5 do not know this call; they say so as a registry does.
      if (answer.status === 404 && isRefusal(answer)) return;
      if (answer.status !== 200) throw answerError(address, call, answer);
      if (!Array.isArray(answer.json) || !answer.json.includes('AVRO')) throw strange(call, 'AVRO');
    },
    register: (subject, schema) => idOf(`/subjects/${encodeURIComponent(subject)}/versions`, schema),
    find: (subject, schema) => idOf(`/subjects/${encodeURIComponent(subject)}`, schema),
    known: (id) => schemas.known(id),
    schema: (id) =>
      schemas.of(id, async () => {
        const call: Call = { method: 'GET', path: `/schemas/ids/${id}` };
        const { schema, schemaType, references } = fieldsOf(await get(call));
        if (typeof schema !== 'string') throw strange(call, 'a schema');
        if (schemaType !== undefined && schemaType !== 'AVRO') throw unreadable(id, 'is of another kind than Avro');
        if (Array.isArray(references) && references.length > 0) throw unreadable(id, 'refers to other schemas, which is not supported');
        return schema;
      }),
  };
}

function fieldsOf(json: unknown): Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null ? { ...json } : {};
}

function unreadable(id: number, what: string): SluiceError {
  return new SluiceError('SLUICE_E_SCHEMA_UNREADABLE', `the schema with the id ${id} ${what}`);
}
