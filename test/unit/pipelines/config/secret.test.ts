import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parsePipeline } from '../../../../pipelines/config/pipeline.ts';
import { loadSecret, Secret } from '../../../../pipelines/config/secret.ts';
import { loadSecrets } from '../../../../pipelines/config/secrets.ts';
import { SluiceError } from '../../../../schemas/errors.ts';
import { newFolder } from '../../../support/folders.ts';

describe('a secret', () => {
  const secret = new Secret('hunter2');

  test('is shown by nothing but its own name', () => {
    const shown = [String(secret), secret.toString(), ['', secret].join(''), JSON.stringify({ secret }), inspect({ a: [secret] }, { depth: 9, showHidden: true }), format('%s %o %O %j', secret, secret, secret, secret), Object.keys(secret).join(), String(new Error('x', { cause: secret }).cause)];
    expect(shown.join(' ')).not.toContain('hunter2');
    expect(shown.slice(0, 4)).toEqual(['***', '***', '***', '{"secret":"***"}']);
    expect(structuredClone({ secret })).toEqual({ secret: {} });
    expect(secret.reveal()).toBe('hunter2');
  });

  test('comes from a variable or a file', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'it'), ' hunter2 \r\n\n');
    // As Kubernetes mounts one.
    symlinkSync(join(folder, 'it'), join(folder, 'link'));
    expect(loadSecret({ env: 'IT' }, { IT: ' hunter2\n' }).reveal()).toBe(' hunter2\n');
    expect(loadSecret({ file: join(folder, 'it') }, {}).reveal()).toBe(' hunter2 ');
    expect(loadSecret({ file: join(folder, 'link') }, {}).reveal()).toBe(' hunter2 ');
  });

  test('that is not there: the place is named, not what is in it', () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'd'));
    writeFileSync(join(folder, 'empty'), '\n');
    const fault = (ref: Parameters<typeof loadSecret>[0], env: Record<string, string> = {}): unknown => {
      try {
        return loadSecret(ref, env);
      } catch (thrown) {
        return thrown;
      }
    };
    const refused = (cause: string): SluiceError => new SluiceError('SLUICE_E_SECRET', cause);
    expect(fault({ env: 'IT' })).toEqual(refused('the variable IT is not set'));
    expect(fault({ env: 'toString' })).toEqual(refused('the variable toString is not set'));
    expect(fault({ env: 'IT' }, { IT: '' })).toEqual(refused('the variable IT is empty'));
    expect(fault({ file: join(folder, 'empty') })).toEqual(refused(`the file ${join(folder, 'empty')} is empty`));
    expect(fault({ file: join(folder, 'gone') })).toMatchObject({ code: 'SLUICE_E_SECRET', message: `the file ${join(folder, 'gone')} could not be read (ENOENT)` });
    expect(fault({ file: join(folder, 'd') })).toMatchObject({ message: `the file ${join(folder, 'd')} could not be read (EISDIR)` });
  });

  test('file without an end is read to a bound', () => {
    expect(loadSecret({ file: '/dev/zero' }, {}).reveal().length).toBe(256 * 1024);
  });
});

describe('those of a pipeline', () => {
  const folder = newFolder();
  const config = (kafka: string, rest = '') =>
    parsePipeline(`name: a\nsource: { kafka: { brokers: ["b:1"], topic: s ${kafka} } }\nsinks: { kafka: { decisions: d, alerts: a, clusters: c, changelog: l, dead: x } }\n${rest}`, join(folder, 'p.yaml'), {});

  test('are loaded together; lint has not asked for them', () => {
    expect(loadSecrets(config(''), {})).toEqual({ tls: null, sasl: null, registry: null });
    expect(loadSecrets(config(', tls: true'), {})).toEqual({ tls: {}, sasl: null, registry: null });
    writeFileSync(join(folder, 'ca.pem'), 'PEM\n');
    chmodSync(join(folder, 'ca.pem'), 0o400);
    const full = config(', tls: { ca: { file: ca.pem } }, sasl: { mechanism: plain, username: { env: U }, password: { env: P } }', 'registry: { url: "http://r", username: { env: U }, password: { env: P } }');
    const { tls, sasl, registry } = loadSecrets(full, { U: 'me', P: 'hunter2' });
    expect([tls?.ca, sasl?.username, sasl?.password, registry?.username, registry?.password].map((secret) => secret?.reveal())).toEqual(['PEM', 'me', 'hunter2', 'me', 'hunter2']);
    expect(sasl?.mechanism).toBe('plain');
    expect(JSON.stringify({ full, tls, sasl, registry })).not.toContain('hunter2');
  });

  test('that are not there are told all at once', () => {
    const full = config(', tls: { ca: { file: gone.pem } }, sasl: { mechanism: plain, username: { env: U }, password: { env: P } }', 'registry: { url: "http://r", username: { env: RU }, password: { env: RP } }');
    const all = [
      `source.kafka.tls.ca: the file ${join(folder, 'gone.pem')} could not be read (ENOENT)`,
      'source.kafka.sasl.password: the variable P is not set',
      'registry.username: the variable RU is not set',
      'registry.password: the variable RP is not set',
    ];
    expect(() => loadSecrets(full, { U: 'me' })).toThrow(new SluiceError('SLUICE_E_SECRET', all.join('\n')));
  });
});
