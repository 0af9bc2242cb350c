/**
 * Loads what the references of a pipeline stand for, when it starts. Lint and config tests never do.
 * Those of the object store are not among them: infra/objects reads them for each request, so that they can be changed under way.
 */
import { SluiceError } from '../../schemas/errors.ts';
import type { PipelineConfig } from './pipeline.ts';
import { loadSecret, Secret, type SecretRef } from './secret.ts';
import type { Environment } from './yaml/variables.ts';

/** Of a cluster of Kafka. */
export interface Security {
  /** Null: no encryption. PEM each; what is left out is Node's own. */
  readonly tls: { readonly ca?: Secret; readonly cert?: Secret; readonly key?: Secret } | null;
  readonly sasl: { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly username: Secret; readonly password: Secret } | null;
}

export interface Secrets extends Security {
  readonly registry: { readonly username: Secret; readonly password: Secret } | null;
}

/** @throws SluiceError SLUICE_E_SECRET, a line for each that is not there */
export function loadSecrets({ source, registry }: PipelineConfig, env: Environment): Secrets {
  return loadAll(env, (load) => {
    const { username, password } = registry ?? {};
    return {
      ...security('source.kafka', source.kafka, load),
      registry: username === undefined || password === undefined ? null : { username: load('registry.username', username), password: load('registry.password', password) },
    };
  });
}

/** @param at where the settings stand. @throws SluiceError SLUICE_E_SECRET, a line for each that is not there */
export function loadSecurity(at: string, settings: SecuritySettings, env: Environment): Security {
  return loadAll(env, (load) => security(at, settings, load));
}

type SecuritySettings = Pick<PipelineConfig['source']['kafka'], 'tls' | 'sasl'>;
type Load = (setting: string, ref: SecretRef) => Secret;

function security(at: string, { tls, sasl }: SecuritySettings, load: Load): Security {
  const pem = Object.entries(tls ?? {}).flatMap(([name, ref]) => (ref === undefined ? [] : [[name, load(`${at}.tls.${name}`, ref)] as const]));
  return {
    tls: tls === null ? null : Object.fromEntries(pem),
    sasl: sasl === undefined ? null : { mechanism: sasl.mechanism, username: load(`${at}.sasl.username`, sasl.username), password: load(`${at}.sasl.password`, sasl.password) },
  };
}

function loadAll<T>(env: Environment, read: (load: Load) => T): T {
  const faults: string[] = [];
  const load = (setting: string, ref: SecretRef): Secret => {
    try {
      return loadSecret(ref, env);
    } catch (thrown) {
      if (!(thrown instanceof SluiceError)) throw thrown;
      faults.push(`${setting}: ${thrown.message}`);
      return new Secret('');
    }
  };
  const secrets = read(load);
  if (faults.length > 0) throw new SluiceError('SLUICE_E_SECRET', faults.join('\n'));
  return secrets;
}
