/** http: references: what is asked, what is taken, and what an answer means. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Attempt } from '../../infra/objects/attempt.ts';
import type { ErrorCode } from '../../schemas/errors.ts';
import { causeOf, failureOf, objects, raw, refer, serve, storeFor } from '../unit/infra/objects/world.ts';

const IMAGE = Buffer.from('an image, as far as this goes');

describe('a good answer', () => {
  test('is read whole, and its hash checked', async () => {
    const server = await serve((_, response) => void response.end(IMAGE));
    const store = storeFor(server.port);
    const uri = `http://images.test:${server.port}/a%20b.jpg?v=1#part`;
    const sha256 = createHash('sha256').update(IMAGE).digest('hex');
    expect(Buffer.from(await store.read(refer(uri, sha256)))).toEqual(IMAGE);
    expect((await failureOf(store.read(refer(uri, sha256.replace(/^./, (digit) => (digit === '0' ? '1' : '0')))))).code).toBe('SLUICE_E_OBJECT_MISMATCH');
    expect(server.requests.map(({ method, url }) => [method, url])).toEqual([['GET', '/a%20b.jpg?v=1'], ['GET', '/a%20b.jpg?v=1']]);
  });

  test('is asked for by nothing but what a server needs, and no cookie comes back', async () => {
    const server = await serve((_, response) => void response.setHeader('set-cookie', 'session=1; Path=/').end(IMAGE));
    const store = storeFor(server.port);
    for (let i = 0; i < 2; i++) {
      await store.read(refer(`http://images.test:${server.port}/`));
      expect(server.requests[i]?.headers).toEqual({ host: `images.test:${server.port}`, 'user-agent': 'sluice', accept: '*/*', 'accept-encoding': 'identity', connection: 'keep-alive' });
    }
  });

  test('leaves its connection to the next', async () => {
    const server = await serve((_, response) => void response.end(IMAGE));
    const store = storeFor(server.port);
    for (let i = 0; i < 5; i++) await store.read(refer(`http://images.test:${server.port}/${i}`));
    expect([server.requests.length, server.connections]).toEqual([5, 1]);
  });

  test('is heard of when it begins, and as it comes', async () => {
    const heard = vi.spyOn(Attempt.prototype, 'heard');
    onTestFinished(() => heard.mockRestore());
    const server = await serve((request, response) => void (request.url === '/none' ? response.writeHead(404).end() : response.end(IMAGE)));
    const store = storeFor(server.port);
    await failureOf(store.read(refer(`http://images.test:${server.port}/none`)));
    expect(heard).toHaveBeenCalledTimes(1);
    await store.read(refer(`http://images.test:${server.port}/`));
    expect(heard.mock.calls.length).toBeGreaterThanOrEqual(3);
  });

  test('closes its connection when the store is closed', async () => {
    let closed = false;
    const server = await serve((request, response) => void (request.socket.on('close', () => (closed = true)), response.end(IMAGE)));
    const store = storeFor(server.port);
    await store.read(refer(`http://images.test:${server.port}/`));
    expect(closed).toBe(false);
    store.close();
    await expect.poll(() => closed).toBe(true);
  });

  test('may come in pieces, without a length', async () => {
    const server = await serve((_, response) => {
      for (const byte of IMAGE) response.write(Buffer.of(byte));
      response.end();
    });
    expect(Buffer.from(await storeFor(server.port).read(refer(`http://images.test:${server.port}/`)))).toEqual(IMAGE);
  });
});

describe('an answer that is none', () => {
  const cases: readonly [number, ErrorCode][] = [
    [404, 'SLUICE_E_OBJECT_MISSING'], [410, 'SLUICE_E_OBJECT_MISSING'],
    [400, 'SLUICE_E_OBJECT_DENIED'], [401, 'SLUICE_E_OBJECT_DENIED'], [403, 'SLUICE_E_OBJECT_DENIED'], [405, 'SLUICE_E_OBJECT_DENIED'], [206, 'SLUICE_E_OBJECT_DENIED'], [204, 'SLUICE_E_OBJECT_DENIED'], [300, 'SLUICE_E_OBJECT_DENIED'], [304, 'SLUICE_E_OBJECT_DENIED'], [302, 'SLUICE_E_OBJECT_DENIED'],
    [408, 'SLUICE_E_OBJECT_UNAVAILABLE'], [425, 'SLUICE_E_OBJECT_UNAVAILABLE'], [429, 'SLUICE_E_OBJECT_UNAVAILABLE'], [500, 'SLUICE_E_OBJECT_UNAVAILABLE'], [502, 'SLUICE_E_OBJECT_UNAVAILABLE'], [503, 'SLUICE_E_OBJECT_UNAVAILABLE'], [504, 'SLUICE_E_OBJECT_UNAVAILABLE'],
  ];
  test.each(cases)('%i is %s', async (status, code) => {
    const server = await serve((_, response) => void response.writeHead(status).end());
    expect(await causeOf(storeFor(server.port).read(refer(`http://images.test:${server.port}/`)))).toEqual([code, `images.test:${server.port} answered ${status}`]);
  });

  test('that is none for now is asked again', async () => {
    const server = await serve((_, response) => void (server.requests.length < 3 ? response.writeHead(503).end() : response.end(IMAGE)));
    expect(await storeFor(server.port, { retries: { attempts: 3 } }).read(refer(`http://images.test:${server.port}/`))).toHaveLength(IMAGE.length);
    expect(server.requests).toHaveLength(3);
  });

  test('a query, which may hold a token, is in no error', async () => {
    const server = await serve((_, response) => void response.writeHead(403).end());
    const error = await failureOf(storeFor(server.port).read(refer(`http://images.test:${server.port}/hunter2?token=hunter2`)));
    expect(inspect(error, { depth: Infinity })).not.toContain('hunter2');
  });
});

describe('the connection', () => {
  const outcomes: readonly [string, (socket: Socket) => void][] = [
    ['closed without an answer', (socket) => void socket.destroy()],
    ['reset', (socket) => void socket.resetAndDestroy()],
    ['that speaks no HTTP', (socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n')],
    ['broken off in the middle', (socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc')],
    ['broken off between pieces', (socket) => void socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')],
    ['with two lengths', (socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd')],
    ['that switches to another protocol', (socket) => void socket.end('HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n')],
    ['with headers without end', (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const more = (): void => {
        while (!socket.destroyed && socket.write(`x: ${'y'.repeat(1000)}\r\n`));
      };
      socket.on('drain', more);
      more();
    }],
  ];
  test.each(outcomes)('%s is an object that is not available now', async (_, answer) => {
    const port = await raw(answer);
    expect(await failureOf(storeFor(port).read(refer(`http://images.test:${port}/`)))).toMatchObject({ code: 'SLUICE_E_OBJECT_UNAVAILABLE', retriable: true });
  });

  test('that nobody takes, and a name that nobody knows', async () => {
    expect((await failureOf(storeFor(1).read(refer('http://images.test:1/')))).message).toBe('the exchange with the host failed (ECONNREFUSED)');
    const resolve = (): Promise<never> => Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND images.test'), { code: 'ENOTFOUND' }));
    const store = objects({ hosts: [{ host: 'images.test' }] }, { resolve });
    expect(await causeOf(store.read(refer('http://images.test/')))).toEqual(['SLUICE_E_OBJECT_UNAVAILABLE', 'the exchange with the host failed (ENOTFOUND)']);
    const none = objects({ hosts: [{ host: 'images.test' }] }, { resolve: async () => [] });
    expect(await causeOf(none.read(refer('http://images.test/')))).toEqual(['SLUICE_E_OBJECT_UNAVAILABLE', 'images.test has no address']);
  });

  test('broken off while the object waits for memory is an object that is not available now, and ends nothing else', async () => {
    let large: Socket | undefined;
    const port = await raw((socket) => {
      if (large === undefined) {
        large = socket;
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
      } else {
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc');
      }
    });
    const store = storeFor(port, { limits: { bytes: 1000 } });
    const first = store.read(refer(`http://images.test:${port}/1`));
    await expect.poll(() => large).toBeDefined();
    const second = failureOf(store.read(refer(`http://images.test:${port}/2`)));
    await new Promise((resolve) => setTimeout(resolve, 50));
    large?.write(Buffer.alloc(1000));
    expect(await first).toHaveLength(1000);
    expect((await second).code).toBe('SLUICE_E_OBJECT_UNAVAILABLE');
  });

  test('goes through no proxy, whatever the environment says', async () => {
    const proxy = await serve((_, response) => void response.end('from the proxy'));
    const script = `
      import { openObjects } from './infra/objects/open.ts';
      const store = openObjects({ hosts: [{ host: 'images.test' }], privateAddresses: true, retries: { attempts: 1 } }, { resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
      const error = await store.read({ uri: 'http://images.test/', sha256: null }).catch((thrown) => thrown);
      console.log(error.code ?? 'read');`;
    const environment = { ...process.env, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, http_proxy: `http://127.0.0.1:${proxy.port}`, NO_PROXY: '', no_proxy: '' };
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script], { cwd: new URL('../..', import.meta.url), env: environment, encoding: 'utf8' });
    expect([stdout.trim(), stderr]).toEqual(['SLUICE_E_OBJECT_UNAVAILABLE', '']);
    expect(proxy.requests).toHaveLength(0);
  });
});
