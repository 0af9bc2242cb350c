/** The Kafka side of a pipeline, one cluster, since what is read and what is written share a transaction; and a topic for the alerts of cameras. */
import { z } from 'zod';
import { REACH } from '../../operators/state/late-label.ts';
import { allOrNone, topic } from './fields.ts';
import { secretRef } from './secret.ts';
import { duration, size } from './units.ts';

const BROKER = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):\d{1,5}$/;

function tls(folder: string) {
  const own = z
    .strictObject({
      ca: secretRef(folder).optional().describe('Certificates (PEM) of who may have signed that of the brokers; default: those of Node.'),
      cert: secretRef(folder).optional().describe('Certificate (PEM) to show to the brokers.'),
      key: secretRef(folder).optional().describe('Key (PEM) of that certificate.'),
    })
    .refine((given) => allOrNone(given, ['cert', 'key']), 'cert and key come together');
  return z.union([z.boolean(), own]).transform((given) => (given === true ? {} : given === false ? null : given)).prefault(false);
}

function sasl(folder: string) {
  return z.strictObject({
    mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).describe('How the password is shown to the brokers; plain only over TLS, or anybody on the way can read it.'),
    username: secretRef(folder).describe('User name.'),
    password: secretRef(folder).describe('Password.'),
  });
}

/** How a cluster is reached. */
function cluster(folder: string) {
  return {
    brokers: z
      .array(z.string().regex(BROKER, 'expected host:port'))
      .min(1, 'expected at least one broker')
      .meta({ examples: [['localhost:9092']] })
      .describe('Brokers to ask for the others, as host:port.'),
    tls: tls(folder).describe('Encryption: true, or certificates of your own.'),
    sasl: sasl(folder).optional().describe('Authentication; left out: none.'),
  };
}

export function kafkaAlerts(folder: string) {
  const { brokers, ...security } = cluster(folder);
  return z.strictObject({ brokers, topic: topic().describe('Where alerts go, as records of schemas/avro/alert in the single-object encoding.'), ...security });
}

export function kafkaSource(folder: string) {
  const { brokers, ...security } = cluster(folder);
  return z.strictObject({
    brokers,
    topic: topic().describe('Samples in.'),
    labels: topic().optional().describe('Label events: labels that come after their samples. It must be there, with as many partitions as `topic`; left out: none are read.'),
    ...security,
    session_timeout: duration('1s', '30m').prefault('30s').describe('A worker that the broker has not heard of for so long loses its partitions.'),
    batch: z.int().min(1).max(4096).default(32).describe('Messages decided and committed together. Changes no decision by itself; others are told of what is committed, so that with `sharing` smaller batches keep them closer together.'),
    known_ids: z
      .int()
      .min(1000)
      .max(10_000_000)
      .default(1_000_000)
      .describe(`Items of a partition whose message is skipped when it comes again, at least, beside the last ${REACH.toLocaleString('en')} and all in the memory: those before them, the oldest of which go first. Each takes 16 bytes of the changelog and 24 of memory.`),
    max_bytes: size('64kB', '1GB').prefault('10MB').describe('Fetched from a broker at once, at most: bounds the memory.'),
  });
}

export function kafkaSinks() {
  return z.strictObject({
    decisions: topic().describe('Verdicts with their reasons.'),
    alerts: topic().describe('Novel clusters and the health of sources.'),
    clusters: topic().describe('What partitions tell each other of their clusters and budgets; compacted, as many partitions as the samples. Without `sharing` nothing is read or written there.'),
    changelog: topic().describe('State of the engine, from which a worker takes a partition over; compacted, as many partitions as the samples.'),
    dead: topic().describe('Messages that could not be decided, as they came, with the cause in their headers.'),
    replicas: z.int().min(1).max(10).optional().describe('Of topics that Sluice makes because they are not there; default: what the brokers are set to.'),
  });
}
