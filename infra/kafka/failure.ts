/** Failures of Kafka in words of the catalogue. */
import { SluiceError, type ErrorCode } from '../../schemas/errors.ts';

/** What kafkajs throws, as far as it matters here. */
interface Failure {
  readonly name: string;
  readonly message: string;
  readonly type?: unknown;
  readonly cause?: unknown;
}

const DENIED = /AUTHORIZATION_FAILED|AUTHENTICATION_FAILED|UNSUPPORTED_SASL_MECHANISM/;

/** The same error where it is none of Kafka's. What is lost of a connection or a coordinator comes back; a refusal does not. */
export function kafkaError(thrown: unknown): unknown {
  if (!isKafkas(thrown)) return fellOver(thrown) ? new SluiceError('SLUICE_E_KAFKA', `Kafka: the client stumbled over an answer (${thrown.message})`, { cause: thrown }) : thrown;
  const first = root(thrown);
  const code = codeOf(first);
  const detail = first.message === thrown.message ? thrown.message : `${thrown.message} (${first.message})`;
  return new SluiceError(code, `Kafka: ${detail}`, { cause: thrown });
}

function codeOf({ name, type, message }: Failure): ErrorCode {
  if (name === 'KafkaJSSASLAuthenticationError' || DENIED.test(String(type)) || DENIED.test(message)) return 'SLUICE_E_KAFKA_DENIED';
  if (name === 'KafkaJSNotImplemented') return 'SLUICE_E_UNSUPPORTED';
  return 'SLUICE_E_KAFKA';
}

function isKafkas(thrown: unknown): thrown is Failure {
  return thrown instanceof Error && thrown.name.startsWith('KafkaJS');
}

function root(error: Failure): Failure {
  for (let at = error; ; at = at.cause) if (!isKafkas(at.cause)) return at;
}

/** kafkajs takes some answers of a broker that has just started apart without looking, such as metadata without a leader. */
function fellOver(thrown: unknown): thrown is TypeError {
  const [, first = ''] = thrown instanceof TypeError ? (thrown.stack ?? '').split('\n    at ') : [];
  return first.includes('/node_modules/kafkajs/');
}
