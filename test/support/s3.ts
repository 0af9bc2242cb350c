/** A server that speaks S3 (moto) as a process of its own, on a port of the loopback that it takes itself. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll } from 'vitest';
import { READERS } from './python.ts';

const SCRIPT = `
import sys
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
server = make_server('127.0.0.1', int(sys.argv[1]), DomainDispatcherApplication(create_backend_app), threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
`;
const servers = new Set<ChildProcess>();
afterAll(() => servers.forEach((server) => server.kill('SIGKILL')));

export interface S3Server {
  /** What a process finds it by. */
  readonly env: Readonly<Record<string, string>>;
  put(key: string, body: Uint8Array | string): Promise<void>;
  remove(key: string): Promise<void>;
  kill(): Promise<void>;
}

/** With one bucket, `frames`. */
export async function startS3(): Promise<S3Server> {
  const server = spawn('python3', ['-c', SCRIPT, '0'], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PYTHONPATH: READERS } });
  servers.add(server);
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const gone = once(server, 'close').then(() => {
    servers.delete(server);
    throw new Error(`the S3 server has ended: ${said}`);
  });
  gone.catch(() => {});
  const [port] = (await Promise.race([once(server.stdout, 'data'), gone])) as [Buffer];
  const endpoint = `http://127.0.0.1:${Number(port.toString())}`;
  const client = new S3Client({ endpoint, region: 'eu-central-1', forcePathStyle: true, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  await client.send(new CreateBucketCommand({ Bucket: 'frames', CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' } }));
  return {
    env: { AWS_ENDPOINT_URL_S3: endpoint, AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_MAX_ATTEMPTS: '2', AWS_EC2_METADATA_DISABLED: 'true' },
    put: async (key, body) => void (await client.send(new PutObjectCommand({ Bucket: 'frames', Key: key, Body: body }))),
    remove: async (key) => void (await client.send(new DeleteObjectCommand({ Bucket: 'frames', Key: key }))),
    async kill() {
      server.kill('SIGKILL');
      await gone.catch(() => {});
      client.destroy();
    },
  };
}
