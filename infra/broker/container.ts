/** A broker in a container of the image that build.mjs makes, through Testcontainers. */
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { GenericContainer, Wait } from 'testcontainers';
import { IMAGE, STARTED, startCommand } from './places.mjs';
import { freePorts } from './ports.ts';
import type { Engine } from './process.ts';
import { type Plan, scramUsers, serverProperties } from './properties.ts';

const LIMIT_MS = 45_000;
const INSIDE = 9092;
const FOLDER = '/broker';
const OWNER = 'sluice.broker.owner';
const run = promisify(execFile);

/** With one port, the same after a restart, for this machine alone; Testcontainers' own ports are for all the network. */
class BrokerContainer extends GenericContainer {
  constructor(port: number) {
    super(IMAGE);
    this.createOpts.ExposedPorts = { [`${INSIDE}/tcp`]: {} };
    this.hostConfig.PortBindings = { [`${INSIDE}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(port) }] };
  }
}

export async function startContainer(plan: Plan, files: ReadonlyMap<string, string>): Promise<Engine> {
  // Its reaper is an image to be pulled; the keeper and the sweep do that work.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  await sweep();
  const [port = 0] = await freePorts(1);
  const name = `sluice-broker-${randomUUID()}`;
  const properties = serverProperties(plan, { folder: FOLDER, listen: `0.0.0.0:${INSIDE}`, advertise: `127.0.0.1:${port}`, internal: 9094, controller: 9093 });
  const copies = [...files, ['server.properties', properties] as const].map(([file, content]) => ({ content, target: `${FOLDER}/${file}` }));
  let said = '';
  const container = new BrokerContainer(port)
    .withName(name)
    .withLabels({ [OWNER]: `${process.pid}@${hostname()}` })
    .withCopyContentToContainer(copies)
    .withCommand(startCommand({ java: '/opt/java/bin/java', jars: '/opt/kafka', folder: FOLDER, users: scramUsers(plan) }))
    .withLogConsumer((stream: Readable) => stream.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-4000))))
    .withWaitStrategy(Wait.forLogMessage(STARTED))
    .withStartupTimeout(LIMIT_MS);
  const release = keep(name);
  try {
    const started = await container.start();
    return {
      port,
      restart: () => started.restart({ timeout: 20_000 }),
      async stop() {
        await started.stop();
        release();
      },
    };
  } catch (error) {
    throw new Error(`The broker's container did not start: ${String(error)}\n${said}`, { cause: error });
  }
}

/** Removes the container when this process has ended without doing so itself: it waits for the end of a pipe from it. */
function keep(name: string): () => void {
  const script = 'read -r done || docker rm --force --volumes "$1"';
  const keeper = spawn('/bin/sh', ['-c', script, 'sluice-keeper', name], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  return () => void keeper.stdin.end('done\n');
}

/** Removes containers whose owner, on this machine, is no more: what a keeper left that was killed too. */
async function sweep(): Promise<void> {
  const { stdout } = await run('docker', ['ps', '--all', '--filter', `label=${OWNER}`, '--format', `{{.ID}} {{.Label "${OWNER}"}}`]);
  const left = stdout.split('\n').flatMap((line) => {
    const [id = '', owner = ''] = line.split(' ');
    const [pid = '', host] = owner.split('@');
    return host === hostname() && !runs(Number(pid)) ? [id] : [];
  });
  // Another sweep may be faster.
  if (left.length > 0) await run('docker', ['rm', '--force', '--volumes', ...left]).catch(() => {});
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
