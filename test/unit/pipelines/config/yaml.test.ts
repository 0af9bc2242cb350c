import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseConfig } from '../../../../pipelines/config/read.ts';
import { closest } from '../../../../pipelines/config/yaml/suggest.ts';
import { faultsIn } from '../../../support/faults.ts';

const Anything = z.record(z.string(), z.unknown());
const read = (text: string, env: Record<string, string> = {}): unknown => parseConfig(Anything, text, 'f', env);
const faults = (text: string, env: Record<string, string> = {}): readonly string[] => faultsIn(() => read(text, env));

describe('variables', () => {
  const env = { NAME: 'cameras', PORT: '80', ON: 'true', EMPTY: '', ODD: 'a: [b, {c: "d"}] # e\n- &x *y' };

  test.for([
    ['a: ${NAME}', 'cameras'],
    ['a: ${NAME}-${PORT}', 'cameras-80'],
    ['a: ${GONE:x}', 'x'],
    ['a: ${NAME:x}', 'cameras'],
    ['a: ${GONE:}', ''],
    ['a: ${EMPTY:x}', ''],
    ['a: ${GONE:localhost:9092}', 'localhost:9092'],
    ['a: ${GONE:http://x/#y z}', 'http://x/#y z'],
    ['a: ${PORT}', 80],
    ['a: ${GONE:-1.5e3}', -1500],
    ['a: ${GONE:0x10}', '0x10'],
    ['a: "${PORT}"', '80'],
    ["a: '${PORT}'", '80'],
    ['a: ${ON}', true],
    ['a: "${ON}"', 'true'],
    ['a: ${GONE:null}', 'null'],
    ['a: $${NAME}', '${NAME}'],
    ['a: "$${NAME} ${NAME}"', '${NAME} cameras'],
    ['a: $${', '${'],
    ['a: $NAME $', '$NAME $'],
    ['a: ${ODD}', env.ODD],
    ['a: "${ODD}"', env.ODD],
    ['a: |\n  one ${NAME}\n  two\n', 'one cameras\ntwo\n'],
    ['a: >-\n  one\n  ${NAME}\n', 'one cameras'],
    ['a: !!str ${PORT}', '80'],
  ] as const)('%s', ([text, value]) => {
    expect(read(text, env)).toEqual({ a: value });
  });

  test('stand in lists and groups in one line too, and nothing in them is a list or a group', () => {
    expect(read('a: [${NAME}, ${GONE:x:1}, {b: ${PORT}}]', env)).toEqual({ a: ['cameras', 'x:1', { b: 80 }] });
    expect(read('a: [${GONE:x, y}]')).toEqual({ a: ['x, y'] });
  });

  test('in comments are none', () => {
    expect(read('a: 1 # ${GONE}\n# ${GONE\n')).toEqual({ a: 1 });
  });

  test.for([
    ['a: ${GONE}', ['f:1:4: the variable GONE is not set (set it, or give a default: ${GONE:default})']],
    ['a:\n  b: "x ${GONE} ${LOST}"', ['f:2:9: the variable GONE is not set (set it, or give a default: ${GONE:default})', 'f:2:17: the variable LOST is not set (set it, or give a default: ${LOST:default})']],
    ['a: ${}', ['f:1:4: between ${ and } stands no name of a variable (write ${NAME} or ${NAME:default}, or $${ for a plain ${)']],
    ['a: ${1x}', [expect.stringContaining('stands no name')]],
    ['a: ${A B:c}', [expect.stringContaining('stands no name')]],
    ['a: ${__proto__}', [expect.stringContaining('the variable __proto__ is not set')]],
    ['a: ${toString}', [expect.stringContaining('the variable toString is not set')]],
    ['a: "${NAME"', ['f:1:4: this ${ has no } (write $${ for a plain ${)']],
    ['${NAME}: 1', ['f:1:1: the name of a setting cannot hold a variable']],
    ['a: "\ue000"', ['f:1:5: this character of private use cannot be used here']],
  ] as const)('%s: faults with places', ([text, lines]) => {
    expect(faults(text)).toEqual(lines);
  });

  test('hide nothing: a text without them is read as YAML alone reads it, and a value comes through as it is', () => {
    const plain = fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !/[\ue000\ue001]/.test(text) && text.isWellFormed());
    fc.assert(fc.property(plain, fc.nat(3000), (value, before) => {
      // Many variables before it: masks are numbered.
      const text = `${Array.from({ length: before }, (_, i) => `k${i}: \${GONE:${i}}`).join('\n')}\na: "\${VALUE}"`;
      expect((read(text, { VALUE: value }) as Record<string, unknown>)['a']).toBe(value);
    }), { numRuns: 30 });
  });
});

describe('YAML', () => {
  test.for([
    ['a: 1\na: 2', 'f:2:1: the names of a group must be unique, this one came before'],
    ['a: {b: 1, b: 2}', 'f:1:11: the names of a group must be unique, this one came before'],
    ['a: !secret x', 'f:1:4: Unresolved tag'],
    ['a: *b', 'f:1:4: write the value itself in place of the alias *b'],
    ['a: 1\n---\na: 2', 'f:2:1: a file holds one document, this begins another'],
    ['a: [1', 'f:1:6: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ['a: "x', 'f:1:6: Missing closing "quote'],
    ['<<: {a: 1}\n<<: {b: 1}', 'f:2:1: the names of a group must be unique, this one came before'],
  ] as const)('%s', ([text, fault]) => {
    expect(faults(text)).toContain(fault);
  });

  test('that is built to take long or to grow is refused at once', () => {
    expect(faults(`a: ${'['.repeat(500_000)}`).length).toBeGreaterThan(0);
    expect(faults(`a: ${'['.repeat(200)}${']'.repeat(200)}`)).toEqual(['f:1:43: nested deeper than 40 levels']);
    expect(faults(`${'{a: '.repeat(100)}1${'}'.repeat(100)}`)).toEqual(['f:1:161: nested deeper than 40 levels']);
    expect(faults(Array.from({ length: 100_000 }, (_, i) => `k${i}: 1`).join('\n'))).toEqual([]);
    expect(faults(`a: [${'*a, '.repeat(50_000)}]`).length).toBe(101);
    expect(faults(Array.from({ length: 100_000 }, (_, i) => `k${i}: \${X${i}}`).join('\n')).at(-1)).toBe('f: and 99900 faults more');
  });
});

describe('what may have been meant', () => {
  const names = ['session_timeout', 'brokers', 'topic', 'labels', 'max_bytes', 'ca'];

  test.for([
    ['sessionTimeout', 'session_timeout'],
    ['session-timeout', 'session_timeout'],
    ['SESSION_TIMOUT', 'session_timeout'],
    ['broker', 'brokers'],
    ['borkers', 'brokers'],
    ['topics', 'topic'],
    ['maxbytes', 'max_bytes'],
    ['cb', 'ca'],
    ['group', null],
    ['', null],
  ] as const)('%s: %s', ([word, meant]) => {
    expect(closest(word, names)).toBe(meant);
  });

  test('of a word without end is soon told', () => {
    expect(closest('x'.repeat(1_000_000), names)).toBeNull();
  });
});
