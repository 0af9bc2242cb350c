/** Where the registry is and how one is let in. Nothing of the credentials is in what these functions say. */
import { SluiceError } from '../../schemas/errors.ts';

export type Credentials = { readonly user: string; readonly password: string } | { readonly token: string };

export interface Address {
  /** Without credentials, query and last slash. */
  readonly url: string;
  /** Value of the Authorization header; null where none is sent. */
  readonly authorization: string | null;
  /** What must not be in any message. */
  readonly secrets: readonly string[];
}

/** @param credentials go before those in the URL. @throws SluiceError SLUICE_E_CONFIG_INVALID */
export function addressOf(url: string, credentials: Credentials | null): Address {
  const parsed = URL.parse(url);
  // The text is not quoted: it may hold a password.
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) throw invalid('its address is no http: or https: URL');
  const given = credentials ?? credentialsIn(parsed);
  return { url: `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`, ...letIn(given) };
}

function credentialsIn({ username, password }: URL): Credentials | null {
  if (username === '' && password === '') return null;
  try {
    return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch {
    throw invalid('user or password in its address are not percent-encoded');
  }
}

function letIn(credentials: Credentials | null): Pick<Address, 'authorization' | 'secrets'> {
  if (credentials === null) return { authorization: null, secrets: [] };
  if ('token' in credentials) {
    // fetch would quote a header that it does not take.
    if (!/^[\x21-\x7e]+$/.test(credentials.token)) throw invalid('the token is empty or holds white space or characters that are not ASCII');
    return { authorization: `Bearer ${credentials.token}`, secrets: [credentials.token] };
  }
  const { user, password } = credentials;
  if (user.includes(':')) throw invalid('the user name holds a colon, which basic authentication cannot carry');
  const encoded = Buffer.from(`${user}:${password}`).toString('base64');
  return { authorization: `Basic ${encoded}`, secrets: [encoded, password].filter((secret) => secret !== '') };
}

function invalid(what: string): SluiceError {
  return new SluiceError('SLUICE_E_CONFIG_INVALID', `schema registry: ${what}`);
}

/** What a server or a proxy says may quote what it was sent. */
export function redact(text: string, { secrets }: Address): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}
