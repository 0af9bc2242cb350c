/** Cameras over HTTP that play scenes by the hour of a day that passes quickly. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { hash32 } from '../../operators/state/hash.ts';

const FRAMES = fileURLToPath(new URL('../../examples/demo/frames/', import.meta.url));
/** A scene lasts so long, in days. */
const SCENE = 1 / 48;
/** Pictures of a scene, no two with the same noise; and how it is lit at night, in the morning, at noon. */
const TAKES = 3;
const LIGHT = [0.45, 0.75, 1];
const FRAME_MS = 125;
/** Of the frames of the demo one of so many is a scene: those next to each other are alike. */
const APART = 16;

export interface Scenes {
  readonly urls: readonly string[];
  close(): void;
}

/** @param day by now, with its part */
export async function openScenes(cameras: number, day: () => number): Promise<Scenes> {
  const names = readdirSync(FRAMES).filter((name) => name.endsWith('.jpg')).sort().filter((_, i) => i % APART === 0);
  const made = new Map<string, Promise<Buffer>>();
  const frameOf = (name: string, light: number, take: number): Promise<Buffer> => {
    const key = `${name} ${light} ${take}`;
    const known = made.get(key) ?? noisy(join(FRAMES, name), LIGHT[light] ?? 1, take);
    made.set(key, known);
    return known;
  };
  const servers = await Promise.all(Array.from({ length: cameras }, async (_, camera) => {
    let n = 0;
    const server = createServer((__, response) => {
      response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace;boundary=frame' });
      void send(response, async () => {
        const now = day();
        const light = Math.round(2 * Math.abs(Math.sin(Math.PI * now)));
        return await frameOf(names[hash32(camera, String(Math.floor(now / SCENE))) % names.length] ?? '', light, n++ % TAKES);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }));
  return {
    urls: servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/video`),
    close() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

/** A frame with the noise of a sensor, lit as said. */
async function noisy(file: string, light: number, take: number): Promise<Buffer> {
  const { data, info } = await sharp(file).linear(light, 0).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  for (let i = 0; i < data.length; i++) data[i] = Math.max(0, Math.min(255, (data[i] ?? 0) + (hash32(i, String(take)) % 5) - 2));
  return await sharp(data, { raw: info }).jpeg({ quality: 90 }).toBuffer();
}

async function send(response: ServerResponse, next: () => Promise<Buffer>): Promise<void> {
  while (!response.destroyed) {
    const jpeg = await next();
    response.write(Buffer.concat([Buffer.from(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`), jpeg, Buffer.from('\r\n')]));
    await sleep(FRAME_MS);
  }
}
