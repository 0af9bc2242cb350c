/** A certificate that signs itself, made without tools. Source of the form: RFC 5280. */
import { generateKeyPairSync, sign } from 'node:crypto';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** @param names for which it holds */
export function certificate(names: readonly string[]): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const ecdsaWithSha256 = sequence(der(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
  const name = sequence(der(0x31, sequence(der(0x06, Buffer.from('550403', 'hex')), der(0x0c, Buffer.from(`Sluice test ${names.join(' ')}`)))));
  const validity = sequence(der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z')));
  const alternatives = sequence(...names.map((dns) => der(0x82, Buffer.from(dns))));
  const extensions = der(0xa3, sequence(sequence(der(0x06, Buffer.from('551d11', 'hex')), der(0x04, alternatives))));
  const version = der(0xa0, der(0x02, Buffer.of(2)));
  const body = sequence(version, der(0x02, Buffer.of(1)), ecdsaWithSha256, name, validity, name, publicKey.export({ type: 'spki', format: 'der' }), extensions);
  const signature = der(0x03, Buffer.of(0), sign('sha256', body, privateKey));
  const lines = sequence(body, ecdsaWithSha256, signature).toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n` };
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 0x80 ? [body.length] : body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}
