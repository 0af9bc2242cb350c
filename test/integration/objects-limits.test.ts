/** http: references: how many bytes an answer may have, and how long it may take. */
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { causeOf, failureOf, raw, refer, serve, storeFor } from '../unit/infra/objects/world.ts';

const IMAGE = Buffer.from('an image, as far as this goes');

describe('size', () => {
  const LIMIT = { limits: { bytes: 100_000 } };

  test('by what the answer says, before a byte of it is read', async () => {
    let closed = false;
    const server = await serve((_, response) => void response.on('close', () => (closed = true)).writeHead(200, { 'content-length': '100001' }).write('x'));
    expect(await causeOf(storeFor(server.port, LIMIT).read(refer(`http://images.test:${server.port}/`)))).toEqual(['SLUICE_E_IMAGE_TOO_LARGE', 'the object has 100001 bytes, over the limit of 100000 bytes']);
    await expect.poll(() => closed).toBe(true);
  });

  test('exactly at the limit', async () => {
    const server = await serve((_, response) => void response.writeHead(200, { 'content-length': '100000' }).end(Buffer.alloc(100_000)));
    expect(await storeFor(server.port, LIMIT).read(refer(`http://images.test:${server.port}/`))).toHaveLength(100_000);
  });

  test('by what comes, where the answer says nothing: a body without end is cut off', async () => {
    let closed = false;
    const server = await serve((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(10_000)));
      };
      response.on('drain', more).on('close', () => (closed = true));
      more();
    });
    expect(await causeOf(storeFor(server.port, LIMIT).read(refer(`http://images.test:${server.port}/`)))).toEqual(['SLUICE_E_IMAGE_TOO_LARGE', 'the object is over the limit of 25000 bytes for one that does not tell its length']);
    await expect.poll(() => closed).toBe(true);
  });

  test('a body that ends with its connection is counted too', async () => {
    const port = await raw((socket) => {
      const more = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(10_000)));
      };
      socket.write('HTTP/1.0 200 OK\r\n\r\n');
      socket.on('drain', more);
      more();
    });
    expect((await failureOf(storeFor(port, LIMIT).read(refer(`http://images.test:${port}/`)))).code).toBe('SLUICE_E_IMAGE_TOO_LARGE');
  });

  test('none at all', async () => {
    const server = await serve((request, response) => void (request.url === '/told' ? response.writeHead(200, { 'content-length': '0' }).end() : response.writeHead(200, { 'transfer-encoding': 'chunked' }).end()));
    for (const path of ['told', 'untold']) expect(await causeOf(storeFor(server.port).read(refer(`http://images.test:${server.port}/${path}`)))).toEqual(['SLUICE_E_IMAGE_EMPTY', 'the object holds no bytes']);
  });

  test.each(['gzip', 'GZIP', 'deflate', 'br', 'zstd', 'identity, gzip', 'unheard-of'])('%s is not unpacked', async (encoding) => {
    const server = await serve((_, response) => void response.writeHead(200, { 'content-encoding': encoding }).end(gzipSync(Buffer.alloc(1_000_000))));
    expect(await causeOf(storeFor(server.port).read(refer(`http://images.test:${server.port}/`)))).toEqual(['SLUICE_E_IMAGE_FORMAT', `the object comes packed (content-encoding "${encoding}"), and images are taken as they are`]);
  });

  test('identity is no packing', async () => {
    const server = await serve((_, response) => void response.writeHead(200, { 'content-encoding': 'Identity' }).end(IMAGE));
    expect(await storeFor(server.port).read(refer(`http://images.test:${server.port}/`))).toHaveLength(IMAGE.length);
  });
});

describe('time', () => {
  const whole = { limits: { seconds: 0.3, idleSeconds: 60 } };
  const silence = { limits: { seconds: 60, idleSeconds: 0.1 } };
  /** Writes `text` at once and then a byte every few milliseconds, for ever. */
  const drip = (text: string, byte: string) => (socket: Socket): void => {
    socket.write(text);
    const timer = setInterval(() => socket.write(byte), 10);
    socket.on('close', () => clearInterval(timer));
  };

  test.each<[string, (socket: Socket) => void]>([
    ['the body comes byte by byte', drip('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n', 'x')],
    ['the body comes in pieces of a byte', drip('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\nx\r\n')],
    ['the headers come byte by byte', drip('HTTP/1.1 200 OK\r\nX-Slow: ', 'x')],
    ['one answer after the other is none yet', drip('', 'HTTP/1.1 103 Early Hints\r\n\r\n')],
  ])('is up where %s', async (_, answer) => {
    const port = await raw(answer);
    expect(await failureOf(storeFor(port, whole).read(refer(`http://images.test:${port}/`)))).toMatchObject({ code: 'SLUICE_E_OBJECT_TIMEOUT', message: 'reading the object took more than 0.3 s', retriable: true });
  });

  test.each<[string, (socket: Socket) => void]>([
    ['before the answer', () => {}],
    ['in the headers', (socket) => void socket.write('HTTP/1.1 200 OK\r\nX-Slow: ')],
    ['before the body', (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n')],
    ['in the body', (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')],
  ])('is up where nothing more comes %s', async (_, answer) => {
    const port = await raw(answer);
    expect(await causeOf(storeFor(port, silence).read(refer(`http://images.test:${port}/`)))).toEqual(['SLUICE_E_OBJECT_TIMEOUT', 'nothing came for 0.1 s']);
  });

  test('giving up ends a read at once, wherever it is, and closes its connection', async () => {
    for (const beginning of ['', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc']) {
      const closed = Promise.withResolvers<void>();
      const asked = Promise.withResolvers<void>();
      const port = await raw((socket) => {
        socket.write(beginning);
        socket.on('close', () => closed.resolve());
        asked.resolve();
      });
      const controller = new AbortController();
      const outcome = storeFor(port, { retries: { attempts: 5 } }).read(refer(`http://images.test:${port}/`), controller.signal);
      await asked.promise;
      controller.abort();
      expect(await causeOf(outcome)).toEqual(['SLUICE_E_INTERRUPTED', 'reading the object was stopped on request']);
      await closed.promise;
    }
  });
});
