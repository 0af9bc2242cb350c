/** Another program takes the port between the look for a free one and its use. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import type * as ports from '../../infra/broker/ports.ts';
import { startBroker } from '../support/broker.ts';

const taken = vi.hoisted(() => ({ port: 0, given: 0 }));
vi.mock('../../infra/broker/ports.ts', async (importOriginal) => {
  const original = await importOriginal<typeof ports>();
  const freePorts = async (count: number): Promise<number[]> => {
    const found = await original.freePorts(count);
    taken.given += 1;
    return taken.given === 1 ? [taken.port, ...found.slice(1)] : found;
  };
  return { ...original, freePorts };
});

afterEach(() => void vi.unstubAllEnvs());

test.each([
  { where: 'the broker chosen here', wanted: process.env['SLUICE_BROKER'] },
  { where: 'a process', wanted: 'process' },
])('$where gets another port', async ({ wanted }) => {
  vi.stubEnv('SLUICE_BROKER', wanted);
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  Object.assign(taken, { port: (server.address() as AddressInfo).port, given: 0 });
  const broker = await startBroker();
  await broker.stop();
  expect(taken.given).toBe(2);
  expect(broker.brokers).not.toContain(`127.0.0.1:${taken.port}`);
});
