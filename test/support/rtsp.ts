/** A real RTSP server (GStreamer's) as a process of its own, which a test can kill and start again on the same port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { makePictures } from './folders.ts';

const SERVER = fileURLToPath(new URL('rtsp-server.py', import.meta.url));
const servers = new Set<ChildProcess>();
afterAll(() => {
  for (const server of servers) server.kill('SIGKILL');
});

export interface RtspOptions {
  /** Frames a second. */
  readonly rate?: number;
  /** Which pictures it plays. */
  readonly first?: number;
  /** 0: any that is free. */
  readonly port?: number;
  /** What it asks for. */
  readonly login?: readonly [user: string, password: string];
}

export interface RtspServer {
  readonly port: number;
  readonly url: string;
  /** As a camera whose plug is pulled. */
  kill(): Promise<void>;
}

export async function startRtsp({ rate = 10, first = 0, port = 0, login = ['', ''] }: RtspOptions = {}): Promise<RtspServer> {
  const { folder } = await makePictures(24, { first });
  const numbered = `${folder}/%04d.jpg`;
  // The system's own: its bindings of GStreamer belong to it.
  const server = spawn('/usr/bin/python3', [SERVER, String(port), numbered, String(first), String(rate), ...login.filter((word) => word !== '')], { stdio: ['ignore', 'pipe', 'pipe'] });
  servers.add(server);
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const gone = once(server, 'close').then(() => {
    servers.delete(server);
    throw new Error(`the RTSP server has ended: ${said}`);
  });
  gone.catch(() => {});
  const [bytes] = (await Promise.race([once(server.stdout, 'data'), gone])) as [Buffer];
  const found = Number(bytes.toString());
  const kill = async (): Promise<void> => {
    server.kill('SIGKILL');
    await gone.catch(() => {});
  };
  return { port: found, url: `rtsp://127.0.0.1:${found}/live`, kill };
}
