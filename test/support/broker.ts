/**
 * A Kafka broker for the tests that need one. One for a test file, which takes about three seconds, shared by its tests
 * by topics and groups with names of their own:
 *
 *     let broker: Broker;
 *     beforeAll(async () => {
 *       broker = await startBroker();
 *       return broker.stop;
 *     });
 *
 * KAFKA_BROKERS names one that runs already; SLUICE_BROKER=container|process says how to run one. Otherwise it is a
 * container, and where there is no Docker, but not in CI (variable CI), a process. A broker ends with the process that started it.
 */
import { randomUUID } from 'node:crypto';
import { type Certificates, type KeyPair, makeCertificates } from '../../infra/broker/certificates.ts';
import { imageIsThere } from '../../infra/broker/docker.mjs';
import { jarsAreThere, jdkProgram } from '../../infra/broker/places.mjs';
import { isTaken } from '../../infra/broker/ports.ts';
import type { Engine } from '../../infra/broker/process.ts';
import { type BrokerOptions, isTls, type Plan, planOf, type User } from '../../infra/broker/properties.ts';

export type Kind = 'given' | 'container' | 'process';

/** What a client needs to be let in, in the words of kafkajs. */
export interface Access {
  readonly brokers: string[];
  readonly ssl?: { readonly ca: string } | ({ readonly ca: string } & KeyPair);
  readonly sasl?: ({ readonly mechanism: 'plain' } | { readonly mechanism: 'scram-sha-512' }) & User;
}

export interface Broker {
  readonly brokers: string[];
  readonly kind: Kind;
  /** A new object at each look, since kafkajs writes into the `sasl` it gets: a copy of that keeps the first password. */
  readonly client: Access;
  /** Resolves when it serves again, with its data and on its port. */
  readonly restart: () => Promise<void>;
  /** For the second time it does nothing. */
  readonly stop: () => Promise<void>;
}

export interface Found {
  readonly docker: boolean;
  readonly java: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;
const BUILD = 'run: node infra/broker/build.mjs';

/** Which broker it is to be. */
export async function chooseKind(env: Environment, find: () => Promise<Found>): Promise<Kind> {
  const wanted = env['SLUICE_BROKER'] || undefined;
  if (env['KAFKA_BROKERS']) return 'given';
  if (wanted !== undefined && wanted !== 'container' && wanted !== 'process') throw new Error(`SLUICE_BROKER is ${wanted}; it can be container or process.`);
  const found = await find();
  if (wanted === 'process' || (wanted === undefined && !found.docker && !env['CI'])) {
    if (found.java) return 'process';
    throw new Error(`There is no ${wanted === undefined ? 'image of the broker in Docker, and no ' : ''}Java with Kafka's jars to run it: ${BUILD}`);
  }
  if (!found.docker) throw new Error(`There is no Docker with the image of the broker${env['CI'] ? ', which CI must have' : ''}: ${BUILD}`);
  return 'container';
}

async function look(): Promise<Found> {
  return { docker: await imageIsThere(), java: jarsAreThere() && jdkProgram('java') !== null };
}

export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const kind = await chooseKind(process.env, look);
  if (kind === 'given') return givenBroker(options);
  const plan = planOf(options);
  const certificates = isTls(options) ? await makeCertificates() : null;
  const engine = await start(kind, plan, filesOf(certificates));
  const brokers = [`127.0.0.1:${engine.port}`];
  let stopped: Promise<void> | undefined;
  return {
    brokers,
    kind,
    get client() {
      return clientOf(brokers, plan, certificates);
    },
    restart: () => engine.restart(),
    stop: () => (stopped ??= engine.stop()),
  };
}

function givenBroker(options: BrokerOptions): Broker {
  const refuse = (what: string): Error => new Error(`KAFKA_BROKERS names a broker that runs already: tests cannot ${what}. Run these without it.`);
  if (Object.keys(options).length > 0) throw refuse(`choose its ${Object.keys(options).join(', ')}`);
  const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',').map((address) => address.trim());
  return { brokers, kind: 'given', client: { brokers }, restart: () => Promise.reject(refuse('restart it')), stop: () => Promise.resolve() };
}

/** Between the look for a free port and its use another may take it. */
async function start(kind: 'container' | 'process', plan: Plan, files: ReadonlyMap<string, string>, tries = 3): Promise<Engine> {
  try {
    if (kind === 'process') return await (await import('../../infra/broker/process.ts')).startProcess(plan, files);
    return await (await import('../../infra/broker/container.ts')).startContainer(plan, files);
  } catch (error) {
    if (tries > 1 && isTaken(String(error))) return await start(kind, plan, files, tries - 1);
    throw error;
  }
}

function filesOf(certificates: Certificates | null): Map<string, string> {
  return new Map(certificates === null ? [] : [['server.pem', certificates.server.key + certificates.server.cert], ['ca.pem', certificates.ca]]);
}

function clientOf(brokers: string[], { options, user }: Plan, certificates: Certificates | null): Access {
  const mechanism = options.security?.endsWith('plain') ? 'plain' : 'scram-sha-512';
  return {
    brokers,
    ...(certificates === null ? {} : { ssl: { ca: certificates.ca, ...(options.security === 'mtls' ? certificates.client : {}) } }),
    ...(user === null ? {} : { sasl: { mechanism, ...user } }),
  };
}

/** A name that no other test has, for a topic, a group or a transactional id. */
export function uniqueName(what: string): string {
  return `${what}-${randomUUID()}`;
}
