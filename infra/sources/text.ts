/** Small helpers for messages that quote what somebody else wrote. */

/** A value as it is shown in a message: texts quoted, control characters escaped, cut to a readable length; large values by their kind. */
export function show(value: unknown, max = 80): string {
  if (typeof value === 'string') return JSON.stringify(value.length > max ? `${value.slice(0, max)}…` : value);
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return typeof value;
  if (!Array.isArray(value)) return 'an object';
  return value.length <= 8 && value.every((item) => typeof item !== 'object') ? `[${value.map((item) => show(item, 20)).join(', ')}]` : `a list of ${value.length}`;
}

/** The first five of many, for a warning. */
export function firstFive(names: readonly string[], total = names.length): string {
  const listed = names.slice(0, 5).map((name) => show(name)).join(', ');
  return total > 5 ? `${listed} and ${total - 5} more` : listed;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** The code of an operating system error (`ENOENT`), or '' for anything else. */
export function errno(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
}

/** Readable and storable whatever it was made of: no NUL, no half surrogate pairs. For ids of bad rows only. */
export function storable(id: string): string {
  return id.replaceAll('\0', '\u2400').toWellFormed();
}
