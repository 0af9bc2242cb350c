/** A certificate authority for one test broker, made with openssl: P-256, valid for two days, 127.0.0.1 and localhost. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** All in PEM. */
export interface Certificates {
  readonly ca: string;
  readonly server: KeyPair;
  readonly client: KeyPair;
}

const CONFIG = `
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
subjectAltName = IP:127.0.0.1, DNS:localhost
extendedKeyUsage = serverAuth
[client]
extendedKeyUsage = clientAuth
`;

const run = promisify(execFile);
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-config', 'config'];

export async function makeCertificates(): Promise<Certificates> {
  const cwd = await mkdtemp(join(tmpdir(), 'sluice-certificates-'));
  const openssl = async (...args: string[]): Promise<void> => void (await run('openssl', args, { cwd }));
  const pair = async (name: string): Promise<KeyPair> => ({ cert: await readFile(join(cwd, `${name}.pem`), 'utf8'), key: await readFile(join(cwd, `${name}.key`), 'utf8') });
  try {
    await writeFile(join(cwd, 'config'), CONFIG);
    await openssl('req', '-x509', ...KEY, '-extensions', 'authority', '-subj', '/CN=Sluice test authority', '-days', '2', '-keyout', 'authority.key', '-out', 'authority.pem');
    for (const [at, name] of ['server', 'client'].entries()) {
      await openssl('req', ...KEY, '-subj', `/CN=sluice ${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
      const signed = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-set_serial', String(at + 1), '-days', '2', '-extfile', 'config', '-extensions', name];
      await openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.pem`);
    }
    return { ca: (await pair('authority')).cert, server: await pair('server'), client: await pair('client') };
  } finally {
    await rm(cwd, { recursive: true });
  }
}
