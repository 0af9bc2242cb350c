import { isIP } from 'node:net';
import { show } from '../sources/text.ts';
import { secretOf, type Env } from './secret.ts';
import type { HostRule } from './rules.ts';

export interface AllowedHost {
  readonly rule: HostRule;
  /** As a URL writes it: lower case, punycode, IPv6 in brackets. */
  readonly name: string;
  /** Whether it stands for the names below `name`. */
  readonly below: boolean;
  /** Null is the scheme's own. */
  readonly port: string | null;
}

const RULE = /^(?<wild>\*\.)?(?<name>\[[0-9a-fA-F:.]+\]|[^:/?#@\\\s*[\]%]+)(?::(?<port>[1-9]\d{0,4}))?$/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What this client says for itself, and what would change how an answer is read. */
const OWN = /^(?:host|connection|content-length|transfer-encoding|accept-encoding|range|te|trailer|upgrade|expect|if-.*|proxy-.*)$/i;

/** @returns the rules in the order in which they are asked, the longest names first: the most exact one holds. Or what is wrong with each */
export function allowedHosts(rules: readonly HostRule[], env: Env): { readonly hosts: readonly AllowedHost[]; readonly faults: readonly string[] } {
  const faults: string[] = [];
  const hosts = rules.flatMap((rule) => {
    const host = parse(rule);
    if (host === null) faults.push(`the host ${show(rule.host)} is no name, name:port or *.name`);
    faults.push(...headerFaults(rule, env));
    return host ?? [];
  });
  return { hosts: hosts.sort((a, b) => b.name.length - a.name.length), faults };
}

/** The rule that lets a URL through. A name that ends in a dot is another name: it gets through nowhere. */
export function findHost(hosts: readonly AllowedHost[], { protocol, hostname, port }: URL): HostRule | null {
  const own = protocol === 'https:' ? '443' : '80';
  const fits = ({ name, below, port: wanted }: AllowedHost): boolean => (below ? hostname.endsWith(`.${name}`) : hostname === name) && (wanted ?? own) === (port === '' ? own : port);
  return hosts.find(fits)?.rule ?? null;
}

function parse(rule: HostRule): AllowedHost | null {
  const { wild, name = '', port } = RULE.exec(rule.host)?.groups ?? {};
  if (!URL.canParse(`http://${name}/`) || Number(port ?? 1) > 65_535) return null;
  const { hostname } = new URL(`http://${name}/`);
  const numeric = isIP(hostname) !== 0 || hostname.startsWith('[');
  // `1.2` in a rule would be 1.0.0.2 to a URL: only what is written in full is taken for an address.
  if (hostname === '' || hostname.endsWith('.') || (isIP(hostname) === 4 && hostname !== name) || (wild !== undefined && numeric)) return null;
  return { rule, name: hostname, below: wild !== undefined, port: port ?? null };
}

function headerFaults({ host, headers = {} }: HostRule, env: Env): string[] {
  return Object.entries(headers).flatMap(([name, secret]) => {
    if (!TOKEN.test(name) || OWN.test(name)) return [`the header ${show(name)} for the host ${show(host)} is none that can be set`];
    const found = secretOf(secret, env);
    return 'fault' in found ? [`the header ${show(name)} for the host ${show(host)}: ${found.fault}`] : [];
  });
}
