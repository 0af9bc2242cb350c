/** Rows of a table of settings, from the JSON Schema of their spec. */
import type { JsonSchema } from './json-schema.ts';

/** @param elsewhere groups that have a page of their own, with what is said of them here */
export function settingRows(schema: JsonSchema, elsewhere: Readonly<Record<string, string>> = {}): readonly string[] {
  return rowsOf(schema, '', schema.default, elsewhere);
}

function rowsOf({ properties = {}, required = [] }: JsonSchema, prefix: string, defaults: unknown, elsewhere: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const at = prefix + name;
    const { description, items } = field;
    const said = elsewhere[at];
    if (said !== undefined) return [row(at, 'settings', '', said)];
    const fallback = field.default ?? (defaults as Readonly<Record<string, unknown>> | undefined)?.[name];
    const group = groupOf(field);
    const asked = required.includes(name) ? 'needed' : '';
    const own = row(at, format(field), fallback === undefined || group === field ? asked : code(fallback), description ?? '');
    if (group !== undefined) return [...(description === undefined ? [] : [own]), ...rowsOf(group, `${at}.`, fallback, elsewhere)];
    return items?.properties === undefined ? [own] : [own, ...rowsOf(items, `${at}[].`, undefined, elsewhere)];
  });
}

/** The settings below it, where it is a group or may be one. */
function groupOf(field: JsonSchema): JsonSchema | undefined {
  return isSecret(field) ? undefined : [field, ...(field.anyOf ?? [])].find(({ properties }) => properties !== undefined);
}

function row(...cells: readonly [name: string, format: string, fallback: string, meaning: string]): string {
  const [name, ...others] = cells.map((cell) => cell.replaceAll('|', '\\|'));
  return `| \`${name}\` | ${others.join(' | ')} |`;
}

function format(field: JsonSchema): string {
  const { type, enum: words, examples, anyOf, items, minimum, exclusiveMinimum, maximum } = field;
  if (isSecret(field)) return '`{env: NAME}` or `{file: PATH}`';
  if (words !== undefined) return words.length > 6 ? 'one of them' : words.map(code).join(', ');
  if (examples?.[0] !== undefined) return `such as ${code(examples[0])}`;
  if (anyOf !== undefined) return anyOf.map(format).join(', or ');
  if (items !== undefined) return items.properties === undefined ? `list of ${format(items)}` : 'list';
  if (type === 'boolean') return 'true or false';
  if (type === 'integer' || type === 'number') {
    const least = exclusiveMinimum === undefined ? minimum : `above ${exclusiveMinimum}`;
    if (least === undefined) return 'number';
    return `${least}${maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? ' or more' : ` to ${maximum}`}`;
  }
  return type === 'object' ? 'settings' : 'text';
}

function isSecret({ properties }: JsonSchema): boolean {
  return properties !== undefined && Object.keys(properties).join() === 'env,file';
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value).replaceAll('"', '').replaceAll(',', ', ')}\``;
}
