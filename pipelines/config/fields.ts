/** Kinds of settings that several groups have. */
import { resolve } from 'node:path';
import { z } from 'zod';

/** A path, relative to the folder of the file it stands in. Read as an absolute one. */
export function path(folder: string) {
  return z.string().min(1, 'expected a path').transform((text) => resolve(folder, text));
}

/** The name of a Kafka topic. */
export function topic() {
  return z.string().regex(/^(?!\.\.?$)[A-Za-z0-9._-]{1,249}$/, "expected a topic's name: up to 249 of A-Z a-z 0-9 . _ -");
}

/** An address that holds no credentials: those are secrets. */
export function address() {
  return z
    .string()
    .regex(/^https?:\/\/[^\s/?#]/, 'expected an address that begins with http:// or https://')
    .refine((text) => !/^https?:\/\//.test(text) || URL.canParse(text), 'this is no address')
    .refine((text) => credentialsIn(text) === '', 'an address holds no user and password here; each has a setting of its own');
}

function credentialsIn(text: string): string {
  const url = URL.parse(text);
  return url === null ? '' : url.username + url.password;
}

/** Whether of the names none is set, or all. */
export function allOrNone(group: object, names: readonly string[]): boolean {
  const set = names.filter((name) => (group as Record<string, unknown>)[name] !== undefined);
  return set.length === 0 || set.length === names.length;
}
