/** What a broker of the tests is like, and its server.properties. */
import { randomBytes } from 'node:crypto';

/** How clients must come: what they encrypt with, then how they say who they are. */
export type Security = 'plaintext' | 'tls' | 'mtls' | 'sasl-plain' | 'sasl-scram' | 'tls+sasl-plain' | 'tls+sasl-scram';

export interface BrokerOptions {
  /** Default: plaintext. `sasl-scram` is both SHA-256 and SHA-512. */
  readonly security?: Security;
  /** Of a topic that comes to be by being used; default 1. */
  readonly partitions?: number;
  /** Lines of server.properties that differ from those below. */
  readonly properties?: Readonly<Record<string, string>>;
}

export interface User {
  readonly username: string;
  readonly password: string;
}

/** The same for the whole life of a broker. */
export interface Plan {
  readonly options: BrokerOptions;
  /** Null where clients need none. */
  readonly user: User | null;
}

export function planOf(options: BrokerOptions): Plan {
  return { options, user: (options.security ?? 'plaintext').includes('sasl') ? { username: 'sluice', password: randomBytes(12).toString('hex') } : null };
}

/** Where it runs: its folder there, the address it listens on for clients and the one it tells them, and two ports of its own. */
export interface Place {
  readonly folder: string;
  readonly listen: string;
  readonly advertise: string;
  readonly internal: number;
  readonly controller: number;
}

const NEEDS = { plaintext: 'PLAINTEXT', tls: 'SSL', mtls: 'SSL', 'sasl-plain': 'SASL_PLAINTEXT', 'sasl-scram': 'SASL_PLAINTEXT', 'tls+sasl-plain': 'SASL_SSL', 'tls+sasl-scram': 'SASL_SSL' } as const;

/** Is there a certificate, and with it server.pem in the broker's folder? */
export function isTls(options: BrokerOptions): boolean {
  return NEEDS[options.security ?? 'plaintext'].endsWith('SSL');
}

const SCRAM = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];

/** Arguments of --add-scram. */
export function scramUsers({ options, user }: Plan): string[] {
  if (user === null || !options.security?.endsWith('scram')) return [];
  return SCRAM.map((mechanism) => `${mechanism}=[name=${user.username},password=${user.password}]`);
}

export function serverProperties(plan: Plan, place: Place): string {
  const { security = 'plaintext', partitions = 1, properties = {} } = plan.options;
  const lines: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${place.controller}`,
    // The broker talks to itself, for transactions, on a listener without security.
    listeners: `CLIENT://${place.listen},INTERNAL://127.0.0.1:${place.internal},CONTROLLER://127.0.0.1:${place.controller}`,
    'advertised.listeners': `CLIENT://${place.advertise},INTERNAL://127.0.0.1:${place.internal}`,
    'listener.security.protocol.map': `CLIENT:${NEEDS[security]},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INTERNAL',
    'log.dirs': `${place.folder}/data`,
    'num.partitions': partitions,
    'message.max.bytes': 8 * 1024 * 1024,
    // One node: nothing can be replicated. Few partitions of the broker's own topics, for a quick start.
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'transaction.max.timeout.ms': 900_000,
    // Tests lose members and wait for that.
    'group.min.session.timeout.ms': 500,
    'group.initial.rebalance.delay.ms': 0,
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1000,
    // And look at what compaction leaves.
    'log.cleaner.backoff.ms': 500,
    // One core's worth of threads, and memory for compaction in proportion to the heap.
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    ...(isTls(plan.options) ? tlsLines(security, place) : {}),
    ...(plan.user === null ? {} : saslLines(security, plan.user)),
    ...properties,
  };
  return Object.entries(lines).map(([key, value]) => `${key}=${value}\n`).join('');
}

function tlsLines(security: Security, { folder }: Place): Record<string, string> {
  const listener = 'listener.name.client.ssl';
  return {
    [`${listener}.keystore.type`]: 'PEM',
    [`${listener}.keystore.location`]: `${folder}/server.pem`,
    [`${listener}.truststore.type`]: 'PEM',
    [`${listener}.truststore.location`]: `${folder}/ca.pem`,
    [`${listener}.client.auth`]: security === 'mtls' ? 'required' : 'none',
  };
}

function saslLines(security: Security, { username, password }: User): Record<string, string> {
  const module = 'org.apache.kafka.common.security';
  const plain = `${module}.plain.PlainLoginModule required user_${username}="${password}";`;
  const scram = `${module}.scram.ScramLoginModule required;`;
  const mechanisms = security.endsWith('plain') ? ['PLAIN'] : SCRAM;
  return {
    'sasl.enabled.mechanisms': mechanisms.join(),
    ...Object.fromEntries(mechanisms.map((name) => [`listener.name.client.${name.toLowerCase()}.sasl.jaas.config`, name === 'PLAIN' ? plain : scram])),
  };
}
