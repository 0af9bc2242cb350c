import { createServer, connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { openHttp, type HttpOptions, type HttpServer } from '../../../../infra/http/server.ts';
import { openMetrics } from '../../../../infra/metrics/metrics.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

const NO_METRICS = { contentType: 'text/plain', text: async () => '' };

async function serve(part: Partial<HttpOptions> = {}): Promise<HttpServer> {
  const server = await openHttp({ host: '127.0.0.1', port: 0, version: '1.2.3', waitingFor: () => [], metrics: NO_METRICS, ...part });
  open.push(server);
  return server;
}

describe('the endpoints', () => {
  test('/ping and /live answer whatever the state', async () => {
    const { url } = await serve({ waitingFor: () => ['all of it'] });
    for (const path of ['/ping', '/live']) {
      const answer = await fetch(url + path);
      expect([answer.status, await answer.text(), answer.headers.get('cache-control')]).toEqual([200, 'pong\n', 'no-store']);
      expect((await fetch(url + path, { method: 'HEAD' })).status).toBe(200);
    }
  });

  test('/ready is 503 with the reasons until there are none', async () => {
    const reasons = ['the consumer has no partitions yet', 'partition 3 is being restored'];
    const { url } = await serve({ waitingFor: () => reasons });
    const before = await fetch(`${url}/ready`);
    expect([before.status, await before.json()]).toEqual([503, { ready: false, reasons }]);
    reasons.length = 0;
    const after = await fetch(`${url}/ready`);
    expect([after.status, await after.json()]).toEqual([200, { ready: true, reasons: [] }]);
  });

  test('/version names that of Sluice', async () => {
    const { url } = await serve();
    expect(await (await fetch(`${url}/version`)).json()).toEqual({ version: '1.2.3', node: process.versions.node });
  });

  test('/metrics is what Prometheus reads', async () => {
    const metrics = openMetrics('cameras', '1.2.3');
    open.push(metrics);
    metrics.decided('admit', 'above_cut', 3);
    const { url } = await serve({ metrics });
    const answer = await fetch(`${url}/metrics`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await answer.text()).toContain('sluice_items_decided_total{verdict="admit",reason="above_cut",pipeline="cameras"} 3\n');
  });

  test('nothing else is there, and nothing can be changed', async () => {
    const { url } = await serve();
    for (const [method, path] of [['GET', '/'], ['GET', '/metrics/x'], ['POST', '/ready'], ['DELETE', '/ping'], ['GET', '/../../etc/passwd'], ['GET', '/%2e%2e/x']] as const) {
      expect((await fetch(url + path, { method })).status, path).toBe(404);
    }
    expect((await fetch(`${url}/ping`, { method: 'POST', body: 'x'.repeat(100_000) })).status).toBeGreaterThanOrEqual(400);
  });

  test('what fails inside is not told outside', async () => {
    const { url } = await serve({
      metrics: { contentType: 'text/plain', text: () => Promise.reject(new Error('hunter2')) },
      waitingFor: () => {
        throw new Error('hunter2');
      },
    });
    for (const path of ['/metrics', '/ready']) {
      const answer = await fetch(url + path);
      expect([answer.status, await answer.json()]).toEqual([500, { error: 'this request failed' }]);
    }
  });
});

describe('the address', () => {
  test('that is taken, or is none of this machine, is an error that names it', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    open.push({ close: () => taken.close() });
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    await expect(serve({ port })).rejects.toMatchObject({ code: 'SLUICE_E_HTTP_ADDRESS', message: `127.0.0.1:${port} cannot be listened on (EADDRINUSE)` });
    await expect(serve({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'SLUICE_E_HTTP_ADDRESS', message: expect.stringContaining('EADDRNOTAVAIL') as string });
  });

  test('is closed at once although clients keep their connections, and free again', async () => {
    const server = await serve();
    const { port, hostname } = new URL(server.url);
    await (await fetch(`${server.url}/ping`)).text();
    const idle = connect(Number(port), hostname);
    await once(idle, 'connect');
    const ended = once(idle, 'close');
    await server.close();
    await ended;
    await expect(fetch(`${server.url}/ping`)).rejects.toThrow('fetch failed');
    expect((await serve({ port: Number(port) })).url).toBe(server.url);
  });
});
