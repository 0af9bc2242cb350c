import type { KafkaConfig } from 'kafkajs';
import type { Security } from './config/secrets.ts';

/** How a cluster of Kafka is reached, as its client wants it. */
export function securityOf({ tls, sasl }: Security): { ssl?: KafkaConfig['ssl']; sasl?: KafkaConfig['sasl'] } {
  const ssl = tls === null ? undefined : Object.fromEntries(Object.entries(tls).map(([name, secret]) => [name, secret.reveal()]));
  return {
    ...(ssl === undefined ? {} : { ssl }),
    // Its type wants to know which of the three it is; they take the same.
    ...(sasl === null ? {} : { sasl: { mechanism: sasl.mechanism as 'plain', username: sasl.username.reveal(), password: sasl.password.reveal() } }),
  };
}
