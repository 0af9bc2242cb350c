/**
 * Walks over encoded data before avsc reads it. avsc trusts what it reads: a count of four thousand million items makes it loop past the end of the data
 * or ask for as much memory, a negative size makes it run in circles, and text that is no UTF-8 is changed without a word. What passes here is whole,
 * so that reading it takes time and memory in proportion to its length.
 */
import { isUtf8 } from 'node:buffer';
import type { Type, types } from 'avsc';
import { SluiceError } from '../errors.ts';
import { Cursor, corrupt } from './cursor.ts';

type Scan = (cursor: Cursor) => void;

/** @returns what throws SLUICE_E_RECORD_CORRUPT for bytes that are not one whole datum of the type */
export function scannerOf(type: Type): (bytes: Buffer) => void {
  const scan = compile(type, new Map());
  return (bytes) => {
    const cursor = new Cursor(bytes);
    scan(cursor);
    if (cursor.left > 0) throw corrupt(`${cursor.left} bytes are left over`);
  };
}

/** @param known scans of records by type, for schemas that refer to themselves */
function compile(type: Type, known: Map<Type, Scan>): Scan {
  const done = known.get(type);
  if (done !== undefined) return done;
  const scanOf = (part: Type): Scan => compile(part, known);
  switch (type.typeName) {
    case 'null':
      return () => undefined;
    case 'boolean':
      return (cursor) => cursor.flag();
    case 'int':
      return (cursor) => cursor.int();
    case 'long':
      return (cursor) => void cursor.long();
    case 'float':
      return (cursor) => void cursor.take(4);
    case 'double':
      return (cursor) => void cursor.take(8);
    case 'bytes':
      return (cursor) => void cursor.take(cursor.long());
    case 'string':
      return string;
    case 'fixed': {
      const { size } = type as types.FixedType;
      return (cursor) => void cursor.take(size);
    }
    case 'enum': {
      const { length } = (type as types.EnumType).symbols;
      return (cursor) => void cursor.index(length, 'an enum');
    }
    case 'array':
      return blocks(scanOf((type as types.ArrayType).itemsType));
    case 'map': {
      const scan = scanOf((type as types.MapType).valuesType as Type);
      return blocks((cursor) => {
        string(cursor);
        scan(cursor);
      });
    }
    case 'union:unwrapped':
    case 'union:wrapped': {
      const branches = (type as types.WrappedUnionType).types.map(scanOf);
      return (cursor) => branches[cursor.index(branches.length, 'a union')]?.(cursor);
    }
    case 'record':
    case 'error': {
      const fields: Scan[] = [];
      const scan: Scan = (cursor) => cursor.nested(() => fields.forEach((field) => field(cursor)));
      known.set(type, scan);
      fields.push(...(type as types.RecordType).fields.map((field) => scanOf(field.type)));
      return scan;
    }
    default:
      throw new SluiceError('SLUICE_E_SCHEMA_UNREADABLE', `the type ${type.typeName} is unknown`);
  }
}

function string(cursor: Cursor): void {
  if (!isUtf8(cursor.take(cursor.long()))) throw corrupt('a string is no UTF-8');
}

/** Items of an array or map come in blocks, each with its count; a negative count is followed by the size of the block in bytes. */
function blocks(item: Scan): Scan {
  return (cursor) => {
    for (;;) {
      const count = cursor.long();
      if (count === 0) return;
      const end = count < 0 ? cursor.long() + cursor.at : null;
      cursor.count(Math.abs(count));
      for (let i = Math.abs(count); i > 0; i--) item(cursor);
      if (end !== null && end !== cursor.at) throw corrupt('a block is not of the size it says');
    }
  };
}
