import { expect, test } from 'vitest';
import { allowedHosts, findHost } from '../../../../infra/objects/hosts.ts';

function passes(rules: readonly string[], url: string): string | null {
  const { hosts, faults } = allowedHosts(rules.map((host) => ({ host })), {});
  expect(faults).toEqual([]);
  return findHost(hosts, new URL(url))?.host ?? null;
}

test.each([
  ['images.example.com', 'https://images.example.com/a.jpg'],
  ['images.example.com', 'http://images.example.com/a.jpg'],
  ['images.example.com', 'https://images.example.com:443/a.jpg'],
  ['IMAGES.example.com', 'https://images.EXAMPLE.com/'],
  ['images.example.com:443', 'https://images.example.com/'],
  ['images.example.com:8443', 'https://images.example.com:8443/'],
  ['*.example.com', 'https://a.example.com/'],
  ['*.example.com', 'https://a.b.example.com/'],
  ['*.example.com:81', 'http://a.example.com:81/'],
  ['bücher.example', 'https://xn--bcher-kva.example/'],
  ['127.0.0.1:80', 'http://2130706433/'],
  ['[::1]:8080', 'http://[0:0:0:0:0:0:0:1]:8080/'],
])('%s lets %s through', (rule, url) => {
  expect(passes([rule], url)).toBe(rule);
});

test.each([
  ['images.example.com', 'https://example.com/'],
  ['images.example.com', 'https://a.images.example.com/'],
  ['images.example.com', 'https://images.example.com.evil.test/'],
  ['images.example.com', 'https://images.example.com./'],
  ['images.example.com', 'https://images.example.com:8443/'],
  ['images.example.com', 'http://images.example.com:443/'],
  ['images.example.com:8443', 'https://images.example.com/'],
  ['*.example.com', 'https://example.com/'],
  ['*.example.com', 'https://badexample.com/'],
  ['*.example.com', 'https://a.example.com./'],
  ['*.example.com', 'https://a.example.com:444/'],
  ['images.example.com', 'https://images.example.com@evil.test/'],
  ['images.example.com', 'https://evil.test#@images.example.com/'],
  ['images.example.com', 'https://evil.test\\@images.example.com/'],
  ['127.0.0.1', 'http://127.0.0.2/'],
])('%s does not let %s through', (rule, url) => {
  expect(passes([rule], url)).toBeNull();
});

test('the most exact rule holds, in whatever order they are written', () => {
  const rules = ['*.example.com', '*.b.example.com', 'a.b.example.com'];
  for (const order of [rules, rules.toReversed()]) {
    expect(passes(order, 'https://a.b.example.com/')).toBe('a.b.example.com');
    expect(passes(order, 'https://c.b.example.com/')).toBe('*.b.example.com');
    expect(passes(order, 'https://c.example.com/')).toBe('*.example.com');
  }
});

test.each(['', '*', '*.', '*.*.com', 'a.*.com', 'https://a.com', 'a.com/path', 'user@a.com', 'a.com:0', 'a.com:65536', 'a.com:', 'a.com.', '*.1.2.3.4', '*.[::1]', '[::1', '::1', '1.2', '0x7f.0.0.1', 'a b', 'a%41'])('%j is no rule', (host) => {
  const { hosts, faults } = allowedHosts([{ host }], {});
  expect([hosts, faults]).toEqual([[], [`the host ${JSON.stringify(host)} is no name, name:port or *.name`]]);
});

test('headers must be such as can be set, with a value that is there', () => {
  const headers = { Host: { env: 'A' }, 'bad name': { env: 'A' }, 'Accept-Encoding': { env: 'A' }, 'x-none': { env: 'NONE' }, 'x-lines': { env: 'LINES' }, 'x-file': { file: '/nowhere/secret' }, authorization: { env: 'A' } };
  expect(allowedHosts([{ host: 'a.com', headers }], { A: 'Bearer abc', LINES: 'one\r\ntwo: three' }).faults).toEqual([
    'the header "Host" for the host "a.com" is none that can be set',
    'the header "bad name" for the host "a.com" is none that can be set',
    'the header "Accept-Encoding" for the host "a.com" is none that can be set',
    'the header "x-none" for the host "a.com": the environment variable NONE is not set',
    'the header "x-lines" for the host "a.com": the environment variable LINES holds characters that cannot be sent in a header',
    'the header "x-file" for the host "a.com": the file "/nowhere/secret" cannot be read (ENOENT)',
  ]);
});
