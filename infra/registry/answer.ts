/** What a registry's refusals mean (Confluent Schema Registry, API reference): HTTP status, and `{error_code, message}` whose code begins with the status. */
import { SluiceError, type ErrorCode } from '../../schemas/errors.ts';
import { redact, type Address } from './address.ts';

export interface Call {
  readonly method: 'GET' | 'POST';
  /** From the first slash on, encoded. */
  readonly path: string;
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  /** Undefined where the body is no JSON. */
  readonly json: unknown;
}

/** An answer that is no 200 and that another attempt would not change. */
export function answerError(address: Address, { method, path }: Call, { status, json }: Answer): SluiceError {
  const { code, message } = refusalOf(json);
  const said = message === null ? '' : `: ${redact(message, address).slice(0, 500)}`;
  return new SluiceError(errorCodeOf(status, code), `the schema registry ${address.url} answers ${method} ${path} with HTTP ${status}${code === null || code === status ? '' : ` (${code})`}${said}`);
}

/** Whether the registry knows the call but not what was asked for. */
export function isRefusal({ json }: Answer): boolean {
  return refusalOf(json).code !== null;
}

function refusalOf(json: unknown): { readonly code: number | null; readonly message: string | null } {
  if (typeof json !== 'object' || json === null) return { code: null, message: null };
  const { error_code: code, message }: { error_code?: unknown; message?: unknown } = json;
  return { code: typeof code === 'number' ? code : null, message: typeof message === 'string' ? message : null };
}

function errorCodeOf(status: number, code: number | null): ErrorCode {
  if (status === 401 || status === 403) return 'SLUICE_E_REGISTRY_DENIED';
  // 409: not compatible with what is registered. 42201: no valid schema.
  if (status === 409 || status === 422) return 'SLUICE_E_SCHEMA_REFUSED';
  // 40401 no such subject, 40402 no such version, 40403 no such schema; a bare 404 comes from something that is no registry.
  if (status === 404 && code !== null && code > 40_400 && code < 40_500) return 'SLUICE_E_SCHEMA_UNKNOWN';
  return 'SLUICE_E_REGISTRY_ANSWER';
}
