import type { Type, types } from 'avsc';
import { MAX_LONG } from './cursor.ts';

/**
 * What keeps a value from being written: the field and what it should be, but not its content, which may be a whole image; null where nothing does. Stricter than
 * avsc, which writes long numbers as others and puts U+FFFD for half a surrogate pair.
 */
export function faultOf(type: Type, value: unknown, path = ''): string | null {
  const not = (wanted: string): string => `${path === '' ? 'the value' : path} is no ${wanted}`;
  switch (type.typeName) {
    case 'string':
      if (typeof value !== 'string') return not('string');
      return value.isWellFormed() ? null : not('text that UTF-8 can hold: there is half a surrogate pair in it');
    case 'long':
      return Number.isInteger(value) && Math.abs(value as number) <= MAX_LONG ? null : not('whole number between -2^52 and 2^52');
    case 'enum': {
      const { symbols } = type as types.EnumType;
      return symbols.includes(value as string) ? null : not(`one of ${symbols.join(', ')}`);
    }
    case 'array': {
      const { itemsType } = type as types.ArrayType;
      return Array.isArray(value) ? first(value.keys(), (i) => faultOf(itemsType, value[i], within(path, String(i)))) : not('array');
    }
    case 'record': {
      if (!isFields(value)) return not(type.branchName ?? 'record');
      return first((type as types.RecordType).fields, (field) => faultOf(field.type, value[field.name], within(path, field.name)));
    }
    case 'union:wrapped': {
      const branches = (type as types.WrappedUnionType).types;
      const names = branches.map(({ branchName }) => branchName).join(', ');
      if (value === null) return branches.some(({ typeName }) => typeName === 'null') ? null : not(`object with one key of ${names}`);
      const [name = '', ...others] = isFields(value) ? Object.keys(value) : [];
      const branch = branches.find(({ branchName }) => branchName === name);
      if (!isFields(value) || branch === undefined || others.length > 0) return not(`object with one key of ${names}`);
      return faultOf(branch, value[name], within(path, name));
    }
    case 'union:unwrapped': {
      const faults = (type as types.UnwrappedUnionType).types.map((branch) => faultOf(branch, value, path));
      // The branches of such a union are null and one other: that one says what is wrong.
      return faults.includes(null) ? null : (faults.at(-1) ?? null);
    }
    default:
      return type.isValid(value) ? null : not(type.typeName);
  }
}

function first<T>(parts: Iterable<T>, fault: (part: T) => string | null): string | null {
  for (const part of parts) {
    const found = fault(part);
    if (found !== null) return found;
  }
  return null;
}

function within(path: string, part: string): string {
  return path === '' ? part : `${path}.${part}`;
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
