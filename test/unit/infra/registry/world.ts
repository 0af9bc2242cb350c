/** A registry client against a registry in memory: it waits for nothing, and tells how long it would have. */
import { onTestFinished } from 'vitest';
import { openRegistry, type Registry } from '../../../../infra/registry/client.ts';
import type { RegistryOptions } from '../../../../infra/registry/request.ts';
import { SluiceError } from '../../../../schemas/errors.ts';
import { startRegistry, type RegistryServer } from '../../../support/registry-server.ts';

interface World {
  readonly server: RegistryServer;
  readonly registry: Registry;
  /** Milliseconds of each wait between attempts. */
  readonly waits: readonly number[];
}

export async function world(options: Partial<RegistryOptions> = {}, authorization?: string): Promise<World> {
  const server = await startRegistry(authorization);
  onTestFinished(() => server.close());
  const waits: number[] = [];
  const sleep = async (ms: number): Promise<void> => void waits.push(ms);
  return { server, waits, registry: openRegistry({ url: server.url, sleep, ...options }) };
}

export async function errorOf(promise: Promise<unknown>): Promise<SluiceError | null> {
  try {
    await promise;
    return null;
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown;
    throw thrown;
  }
}
