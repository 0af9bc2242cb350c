/**
 * Loads what the references of a pipeline stand for, when it starts. Lint and config tests never do.
 * Those of the object store are not among them: infra/objects reads them for each request, so that they can be changed under way.
 */
import { SluiceError } from '../../schemas/errors.ts';
import type { PipelineConfig } from './pipeline.ts';
import { loadSecret, Secret, type SecretRef } from './secret.ts';
import type { Environment } from './yaml/variables.ts';

export interface Secrets {
  /** Null: no encryption. PEM each; what is left out is Node's own. */
  readonly tls: { readonly ca?: Secret; readonly cert?: Secret; readonly key?: Secret } | null;
  readonly sasl: { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly username: Secret; readonly password: Secret } | null;
  readonly registry: { readonly username: Secret; readonly password: Secret } | null;
}

/** @throws SluiceError SLUICE_E_SECRET, a line for each that is not there */
export function loadSecrets({ source, registry }: PipelineConfig, env: Environment): Secrets {
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
  const group = <Names extends string>(at: string, refs: Readonly<Partial<Record<Names, SecretRef | undefined>>>): Partial<Record<Names, Secret>> =>
    Object.fromEntries(Object.entries(refs).flatMap(([name, ref]) => (ref === undefined ? [] : [[name, load(`${at}.${name}`, ref as SecretRef)]]))) as Partial<Record<Names, Secret>>;
  const { tls, sasl } = source.kafka;
  const { username, password } = registry ?? {};
  const secrets: Secrets = {
    tls: tls === null ? null : group('source.kafka.tls', tls),
    sasl: sasl === undefined ? null : { mechanism: sasl.mechanism, username: load('source.kafka.sasl.username', sasl.username), password: load('source.kafka.sasl.password', sasl.password) },
    registry: username === undefined || password === undefined ? null : { username: load('registry.username', username), password: load('registry.password', password) },
  };
  if (faults.length > 0) throw new SluiceError('SLUICE_E_SECRET', faults.join('\n'));
  return secrets;
}
