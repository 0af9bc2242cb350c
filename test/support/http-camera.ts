/** Cameras over HTTP: one that sends motion JPEG as fast as it is read, and one that sends garbage. */
import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { makePictures } from './folders.ts';

const closes: (() => void)[] = [];
afterAll(() => {
  for (const close of closes) close();
});

export interface HttpCamera {
  readonly url: string;
  /** How often it was asked. */
  readonly asked: () => number;
}

async function serve(contentType: string, next: () => Buffer): Promise<HttpCamera> {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.writeHead(200, { 'content-type': contentType });
    void send(response, next);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closes.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/video`, asked: () => asked };
}

/** Until whoever reads it has gone. */
async function send(response: ServerResponse, next: () => Buffer): Promise<void> {
  const gone = once(response, 'close');
  while (!response.destroyed) if (!response.write(next())) await Promise.race([once(response, 'drain'), gone]);
}

export async function startMotionJpeg(): Promise<HttpCamera> {
  const { folder, names } = await makePictures(12);
  const frames = names.map((name) => readFileSync(join(folder, name)));
  let at = 0;
  return await serve('multipart/x-mixed-replace;boundary=frame', () => {
    const jpeg = frames[at++ % frames.length] ?? Buffer.alloc(0);
    return Buffer.concat([Buffer.from(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`), jpeg, Buffer.from('\r\n')]);
  });
}

/** Bytes without any order, the same each time. */
export async function startGarbage(): Promise<HttpCamera> {
  let state = 1;
  return await serve('video/mp4', () => {
    const bytes = Buffer.alloc(65_536);
    for (let i = 0; i < bytes.length; i++) bytes[i] = (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24;
    return bytes;
  });
}
