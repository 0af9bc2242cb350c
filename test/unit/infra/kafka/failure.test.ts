import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { kafkaError } from '../../../../infra/kafka/failure.ts';
import { isRetriable } from '../../../../schemas/errors.ts';

type Class = new (error: Error, details?: object) => Error;
const load = createRequire(import.meta.url);
// Their types know nothing of what they are made from.
const { KafkaJSNonRetriableError, KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError, KafkaJSSASLAuthenticationError } = load('kafkajs/src/errors') as Record<'KafkaJSNonRetriableError' | 'KafkaJSNumberOfRetriesExceeded' | 'KafkaJSProtocolError' | 'KafkaJSSASLAuthenticationError', Class>;

const protocol = (type: string, message = 'the broker says no'): Error => Object.assign(new KafkaJSProtocolError(new Error(message)), { type });

it('is worth another try where the broker or its coordinator is away', () => {
  const error = kafkaError(new KafkaJSNumberOfRetriesExceeded(protocol('GROUP_COORDINATOR_NOT_AVAILABLE', 'no coordinator'), { retryCount: 3, retryTime: 10 }));
  expect(error).toMatchObject({ code: 'SLUICE_E_KAFKA' });
  expect(isRetriable(error)).toBe(true);
});

it.each([
  new KafkaJSSASLAuthenticationError(new Error('wrong password')),
  protocol('TOPIC_AUTHORIZATION_FAILED'),
  new KafkaJSNonRetriableError(protocol('TRANSACTIONAL_ID_AUTHORIZATION_FAILED'), { cause: protocol('TRANSACTIONAL_ID_AUTHORIZATION_FAILED') }),
])('is none where the broker refuses: %s', (thrown) => {
  const error = kafkaError(thrown);
  expect(error).toMatchObject({ code: 'SLUICE_E_KAFKA_DENIED' });
  expect(isRetriable(error)).toBe(false);
});

it('is worth another try where kafkajs takes apart what is not there', () => {
  const takeApart = load('kafkajs/src/consumer/filterAbortedMessages') as (given: unknown) => void;
  let thrown: unknown;
  try {
    takeApart(null);
  } catch (error) {
    thrown = error;
  }
  expect(kafkaError(thrown)).toMatchObject({ code: 'SLUICE_E_KAFKA' });
});

it('leaves alone what is not of Kafka', () => {
  const fault = new TypeError('x is not a function');
  expect(kafkaError(fault)).toBe(fault);
  expect(isRetriable(fault)).toBe(false);
});
