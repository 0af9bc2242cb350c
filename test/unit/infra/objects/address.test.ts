/** Which addresses count as public: over all of them, however they are written. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reachOf } from '../../../../infra/objects/address.ts';

test.each([
  ['public', ['8.8.8.8', '1.1.1.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0', '169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0', '223.255.255.255', '168.63.129.15', '2606:4700::1111', '2a00::', '64:ff9b::8.8.8.8']],
  ['private', ['10.0.0.0', '10.255.255.255', '100.64.0.0', '100.127.255.255', '127.0.0.1', '127.255.255.255', '169.254.0.0', '169.254.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255', '198.18.0.0', '198.19.255.255', '::1', 'fc00::', 'fdff:ffff::1', 'fe80::1', 'fe80::1%eth0', 'febf::1', '::ffff:8.8.8.8', '::ffff:127.0.0.1', '0:0:0:0:0:ffff:7f00:1', '64:ff9b::10.0.0.1', '64:ff9b:1::1']],
  ['never', ['0.0.0.0', '0.1.2.3', '192.0.0.192', '192.0.2.1', '198.51.100.7', '203.0.113.9', '192.88.99.1', '224.0.0.1', '239.1.1.1', '240.0.0.1', '255.255.255.255', '::', '::8.8.8.8', 'ff02::1', 'fec0::1', '100::1', '2001::1', '2001:db8::1', '2002:7f00:1::', '3fff::1', '4000::']],
  ['never', ['169.254.169.254', '169.254.170.2', '169.254.170.23', '168.63.129.16', '100.100.100.200', 'fd00:ec2::254', 'fd20:ce::254', 'fe80::a9fe:a9fe', 'fe80::a9fe:a9fe%eth0', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '64:ff9b::169.254.169.254']],
  ['never', ['', 'localhost', '127.1', '2130706433', '0x7f.0.0.1', '127.0.0.1.', '[::1]', '1.2.3.4/8', '::ffff:1.2.3']],
] as const)('%s: %j', (reach, addresses) => {
  expect(addresses.map((address) => [address, reachOf(address)])).toEqual(addresses.map((address) => [address, reach]));
});

const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });
/** Half of them near the ranges that matter. */
const six = fc.oneof(groups, fc.tuple(fc.constantFrom(0, 0x2001, 0x2002, 0x64, 0xfc00, 0xfe80, 0xff02, 0x3fff), groups).map(([first, [, ...rest]]) => [first, ...rest]));

/** The ranges by arithmetic on the first bits, apart from the lists under test. */
function isOrdinary([a, b, c]: readonly number[]): boolean {
  if (a === undefined || b === undefined || c === undefined) return false;
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false;
  if (a === 100) return b < 64 || b > 127;
  if (a === 169) return b !== 254;
  if (a === 172) return b < 16 || b > 31;
  if (a === 192) return !(b === 168 || (b === 0 && (c === 0 || c === 2)) || (b === 88 && c === 99));
  if (a === 198) return !(b === 18 || b === 19 || (b === 51 && c === 100));
  return !(a === 203 && b === 0 && c === 113);
}

const hex = (group: number, width = 1): string => group.toString(16).padStart(width, '0');

describe('over all addresses', () => {
  test('IPv4 is public where it is ordinary, and nowhere else', () => {
    const near = fc.tuple(fc.constantFrom(0, 10, 100, 127, 169, 172, 192, 198, 203, 224), fc.constantFrom(0, 15, 16, 18, 31, 51, 63, 64, 88, 127, 168, 254), fc.constantFrom(0, 2, 99, 100, 113, 200), fc.nat(255));
    fc.assert(
      fc.property(fc.oneof(octets, near), (given) => {
        const address = given.join('.');
        fc.pre(!['168.63.129.16', '100.100.100.200'].includes(address));
        expect(reachOf(address) === 'public').toBe(isOrdinary(given));
      }),
      { numRuns: 5000 },
    );
  });

  test('an IPv4 address written in IPv6 is never public, and never lets through what IPv4 forbids', () => {
    fc.assert(
      fc.property(octets, ([a, b, c, d]) => {
        const plain = reachOf([a, b, c, d].join('.'));
        const last = `${hex(a * 256 + b)}:${hex(c * 256 + d)}`;
        for (const form of [`::ffff:${a}.${b}.${c}.${d}`, `::FFFF:${last}`, `0:0:0:0:0:ffff:${last}`, `0000:0000:0000:0000:0000:ffff:${a}.${b}.${c}.${d}`]) {
          expect([form, reachOf(form)]).toEqual([form, plain === 'never' ? 'never' : 'private']);
        }
        expect(reachOf(`64:ff9b::${last}`)).toBe(plain);
      }),
      { numRuns: 2000 },
    );
  });

  test('IPv6 is public only as global unicast or behind a translator', () => {
    fc.assert(
      fc.property(six, (given) => {
        const [first = 0, second = 0, ...rest] = given;
        const global = first >> 13 === 1 && first !== 0x2002 && !(first === 0x2001 && (second < 0x200 || second === 0xdb8)) && !(first === 0x3fff && second < 0x1000);
        const translated = first === 0x64 && second === 0xff9b && rest.slice(0, 4).every((group) => group === 0);
        if (!translated) expect(reachOf(given.map((group) => hex(group)).join(':')) === 'public').toBe(global);
      }),
      { numRuns: 5000 },
    );
  });

  test('the spelling makes no difference', () => {
    fc.assert(
      fc.property(six, (given) => {
        const full = given.map((group) => hex(group, 4).toUpperCase()).join(':');
        const short = new URL(`http://[${full}]/`).hostname.slice(1, -1);
        expect(reachOf(full)).toBe(reachOf(short));
      }),
      { numRuns: 2000 },
    );
  });
});
