/** Which addresses a sample may make Sluice connect to. Sources: the IANA special-purpose address registries (RFC 6890 and after) and the clouds' documentation of their metadata services. */
import { BlockList, isIP } from 'node:net';

/**
 * `public`: anybody's. `private`: of this machine or its networks. `never`: no host of images can be there: unspecified, multicast,
 * reserved, documentation, tunnels to who knows where, and the addresses at which clouds hand out credentials to whoever asks.
 */
export type Reach = 'public' | 'private' | 'never';

type Range = readonly [network: string, prefix: number];

const PRIVATE_4: readonly Range[] = [['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.168.0.0', 16], ['198.18.0.0', 15]];
const SPECIAL_4: readonly Range[] = [['0.0.0.0', 8], ['192.0.0.0', 24], ['192.0.2.0', 24], ['192.88.99.0', 24], ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 4], ['240.0.0.0', 4]];
/** AWS, Google, Azure and others; ECS; EKS; Azure's agent; Alibaba. */
const METADATA_4: readonly Range[] = [['169.254.169.254', 32], ['169.254.170.2', 32], ['169.254.170.23', 32], ['168.63.129.16', 32], ['100.100.100.200', 32]];

/** An IPv4 address in the last 32 bits: written in IPv6 (it reaches the same host), and behind a translator. */
const MAPPED = '::ffff:';
const TRANSLATED = '64:ff9b::';

const PUBLIC_6: readonly Range[] = [['2000::', 3], [TRANSLATED, 96]];
const PRIVATE_6: readonly Range[] = [['::1', 128], ['fc00::', 7], ['fe80::', 10], [`${MAPPED}0:0`, 96], ['64:ff9b:1::', 48]];
const SPECIAL_6: readonly Range[] = [['2001::', 23], ['2001:db8::', 32], ['2002::', 16], ['3fff::', 20]];
/** AWS, EKS, Google, OpenStack, Oracle. */
const METADATA_6: readonly Range[] = [['fd00:ec2::254', 128], ['fd00:ec2::23', 128], ['fd20:ce::254', 128], ['fe80::a9fe:a9fe', 128], ['fd00:c1::a9fe:a9fe', 128]];

const within = (prefix: string, ranges: readonly Range[]): readonly Range[] => ranges.map(([network, bits]) => [`${prefix}${network}`, 96 + bits]);

const NEVER_4 = [...SPECIAL_4, ...METADATA_4];
const never4 = listOf('ipv4', NEVER_4);
const private4 = listOf('ipv4', PRIVATE_4);
const never6 = listOf('ipv6', [...SPECIAL_6, ...METADATA_6, ...within(MAPPED, NEVER_4), ...within(TRANSLATED, NEVER_4)]);
const private6 = listOf('ipv6', [...PRIVATE_6, ...within(TRANSLATED, PRIVATE_4)]);
const public6 = listOf('ipv6', PUBLIC_6);

/** @param address as `node:net` takes it; what is none is `never` */
export function reachOf(address: string): Reach {
  const family = isIP(address);
  if (family === 4) return never4.check(address, 'ipv4') ? 'never' : private4.check(address, 'ipv4') ? 'private' : 'public';
  if (family === 0 || never6.check(address, 'ipv6')) return 'never';
  if (private6.check(address, 'ipv6')) return 'private';
  return public6.check(address, 'ipv6') ? 'public' : 'never';
}

function listOf(family: 'ipv4' | 'ipv6', ranges: readonly Range[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, family);
  return list;
}
