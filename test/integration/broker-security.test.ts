/** Brokers of the tests that let in only who encrypts or says who it is. */
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { makeCertificates } from '../../infra/broker/certificates.ts';
import type { Security } from '../../infra/broker/properties.ts';
import { type Access, type Broker, startBroker, uniqueName } from '../support/broker.ts';

async function withBroker(security: Security, use: (broker: Broker) => Promise<void>): Promise<void> {
  const broker = await startBroker({ security });
  try {
    await use(broker);
  } finally {
    await broker.stop();
  }
}

/** Makes a topic and writes to it. */
async function enter(config: KafkaConfig): Promise<void> {
  const kafka = new Kafka({ ...config, connectionTimeout: 10_000, retry: { retries: 0 }, logLevel: logLevel.NOTHING });
  const topic = uniqueName('topic');
  const [admin, producer] = [kafka.admin(), kafka.producer({ retry: { retries: 5 } })];
  try {
    await admin.connect();
    await admin.createTopics({ topics: [{ topic }], waitForLeaders: true });
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'in' }] });
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  }
}

type Sasl = NonNullable<Access['sasl']>;
const saslOf = ({ client: { sasl } }: Broker): Sasl => sasl ?? expect.fail('no user');

describe('TLS', () => {
  test('lets in who knows its authority, and nobody else', async () => {
    await withBroker('tls', async ({ brokers, client }) => {
      await enter(client);
      const other = await makeCertificates();
      await expect(enter({ brokers, ssl: { ca: other.ca } })).rejects.toThrow(/certificate/);
      await expect(enter({ brokers, ssl: true })).rejects.toThrow(/certificate/);
      await expect(enter({ brokers })).rejects.toThrow(/connect|closed/i);
    });
  });

  test('asks for a certificate where that is wanted', async () => {
    await withBroker('mtls', async ({ brokers, client }) => {
      await enter(client);
      const [ca, other] = [client.ssl?.ca ?? '', await makeCertificates()];
      await expect(enter({ brokers, ssl: { ca } })).rejects.toThrow(/certificate|ECONNRESET|closed/i);
      await expect(enter({ brokers, ssl: { ca, ...other.client } })).rejects.toThrow(/certificate|ECONNRESET|closed/i);
    });
  });
});

describe('SASL', () => {
  test('PLAIN lets in who has the password', async () => {
    await withBroker('sasl-plain', async (broker) => {
      await enter(broker.client);
      await expect(enter({ ...broker.client, sasl: { ...saslOf(broker), password: 'wrong' } })).rejects.toThrow(/authentication failed/i);
      await expect(enter({ ...broker.client, sasl: { ...saslOf(broker), username: 'nobody' } })).rejects.toThrow(/authentication failed/i);
      await expect(enter({ brokers: broker.brokers })).rejects.toThrow(/closed/i);
    });
  });

  test('SCRAM over TLS lets in who has the password, also after a restart', async () => {
    await withBroker('tls+sasl-scram', async (broker) => {
      const { username, password } = saslOf(broker);
      await enter(broker.client);
      await enter({ ...broker.client, sasl: { mechanism: 'scram-sha-256', username, password } });
      await expect(enter({ ...broker.client, sasl: { mechanism: 'scram-sha-512', username, password: 'wrong' } })).rejects.toThrow(/authentication failed/i);
      await expect(enter({ ...broker.client, sasl: { mechanism: 'plain', username, password } })).rejects.toThrow(/mechanism/);
      await broker.restart();
      await enter(broker.client);
    });
  });
});
