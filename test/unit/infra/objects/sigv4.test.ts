/** Against signatures that AWS has published. */
import { expect, test } from 'vitest';
import { amzDate, authorization, EMPTY_SHA256, encodeKey } from '../../../../infra/objects/sigv4.ts';

const signatureOf = (header: string): string => header.replace(/^.*Signature=/, '');

/** AWS Signature Version 4 test suite, now part of aws-c-auth: the cases with GET, no query and a path that is not normalised. */
const SUITE = { keyId: 'AKIDEXAMPLE', secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const HEADERS = { host: 'example.amazonaws.com', 'x-amz-date': amzDate(new Date('2015-08-30T12:36:00Z')) };

test.each([
  ['get-vanilla', '/', {}, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['get-unreserved', '/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', {}, '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f'],
  ['get-utf8', '/\u1234', {}, '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85'],
  ['get-space-unnormalized', '/example space/', {}, '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741'],
  ['get-slashes-unnormalized', '//example//', {}, '87cca117541a147f6df867677d98a7d80dff226d2bfca9e4ffa899665623c7e5'],
  ['get-header-value-trim', '/', { 'my-header1': ' value1', 'my-header2': ' "a   b   c"' }, 'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736'],
  ['get-vanilla-with-session-token', '/', { 'x-amz-security-token': '6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267' }, '07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8'],
])('%s of the test suite', (_, path, more, signature) => {
  const header = authorization(encodeKey(path), { ...HEADERS, ...more }, { region: 'us-east-1', service: 'service' }, SUITE);
  expect(signatureOf(header)).toBe(signature);
});

test('GET Object of the S3 API Reference, the header in full', () => {
  const headers = { host: 'examplebucket.s3.amazonaws.com', range: 'bytes=0-9', 'x-amz-content-sha256': EMPTY_SHA256, 'x-amz-date': amzDate(new Date('2013-05-24T00:00:00.123Z')) };
  const credentials = { keyId: 'AKIAIOSFODNN7EXAMPLE', secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
  expect(authorization('/test.txt', headers, { region: 'us-east-1', service: 's3' }, credentials)).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  );
});

test('a key: every byte but the unreserved ones in upper-case hexadecimal, slashes kept', () => {
  expect(encodeKey("été 2013/a+b (1)*!'~x_y-z.jpg")).toBe('%C3%A9t%C3%A9%202013/a%2Bb%20%281%29%2A%21%27~x_y-z.jpg');
  expect(encodeKey('100%/%2F?a=b#c&d//e')).toBe('100%25/%252F%3Fa%3Db%23c%26d//e');
});
