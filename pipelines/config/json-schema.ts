/** The JSON Schema of a configuration file: what an editor checks against, and what docs and suggestions are made from. */
import { z } from 'zod';

export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly additionalProperties?: boolean | JsonSchema;
}

/** Of what a person writes, without variables. Draft 7 is what all editors know. */
export function schemaOf(spec: z.ZodType): JsonSchema {
  return z.toJSONSchema(spec, { io: 'input', target: 'draft-7' }) as JsonSchema;
}

/** The schema for editors: everywhere but in names and whole groups there may be `${VAR}`, whose value an editor does not know. */
export function editorSchema(spec: z.ZodType, title: string): object {
  const { $schema, ...schema } = withVariables(schemaOf(spec)) as JsonSchema & { $schema?: string };
  return { $schema, title, ...schema };
}

const VARIABLE: JsonSchema = { type: 'string', pattern: '\\$\\{' };

function withVariables(schema: JsonSchema): JsonSchema {
  const { properties, items, anyOf, additionalProperties } = schema;
  if (properties !== undefined) return { ...schema, properties: Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, withVariables(inner)])) };
  if (items !== undefined) return { ...schema, items: withVariables(items) };
  if (anyOf !== undefined) return { ...schema, anyOf: anyOf.map(withVariables) };
  if (typeof additionalProperties === 'object') return { ...schema, additionalProperties: withVariables(additionalProperties) };
  const { description, default: fallback, examples, ...check } = schema;
  const anything = check.type === 'string' && check.pattern === undefined && check.enum === undefined;
  if (anything) return schema;
  return { ...(description === undefined ? {} : { description }), ...(fallback === undefined ? {} : { default: fallback }), ...(examples === undefined ? {} : { examples }), anyOf: [check, VARIABLE] };
}

/** The names a group at the path may hold. */
export function namesAt(schema: JsonSchema, path: readonly PropertyKey[]): readonly string[] {
  const alternatives = [schema, ...(schema.anyOf ?? [])];
  const [step, ...rest] = path;
  if (step === undefined) return alternatives.flatMap(({ properties }) => Object.keys(properties ?? {}));
  return alternatives.flatMap(({ properties, items, additionalProperties }) => {
    const inner = properties?.[String(step)] ?? items ?? additionalProperties;
    return typeof inner === 'object' ? namesAt(inner, rest) : [];
  });
}
