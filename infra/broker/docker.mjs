// The Docker engine: is one there, and starting one where that is possible.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { scrub } from '../setup/report.mjs';
import { run, say, which } from '../setup/run.mjs';
import { CACHE, IMAGE, RECIPE_LABEL, recipe } from './places.mjs';

const LIMIT_MS = 30_000;

export async function dockerAnswers() {
  return (await run('docker', ['version', '--format', '{{.Server.Version}}'], { limitMs: 10_000 })).code === 0;
}

/** Is an engine there, and in it the image, made by the recipe of today? */
export async function imageIsThere() {
  const format = `{{index .Config.Labels "${RECIPE_LABEL}"}}`;
  const { code, output } = await run('docker', ['image', 'inspect', '--format', format, IMAGE], { limitMs: 20_000 });
  return code === 0 && output.includes(recipe());
}

export const mayStartDocker = () => process.platform === 'linux' && process.getuid?.() === 0 && !process.env.DOCKER_HOST;

// What a machine without a kernel module, or one within a container, says, and what helps.
const HELP = [
  [/iptables|nf_tables|netfilter/i, ['--iptables=false', '--ip6tables=false']],
  [/overlay|graphdriver|storage.driver/i, ['--storage-driver=vfs']],
];

/** Starts an engine that stays when this process ends; gives back null, or why it cannot. */
export async function startDocker() {
  if (existsSync('/run/systemd/system')) {
    await run('systemctl', ['start', 'docker'], { limitMs: LIMIT_MS });
    if (await dockerAnswers()) return null;
  }
  if (which(['dockerd']) === null) return 'dockerd is not installed';
  const flags = [];
  for (;;) {
    say(`starting dockerd ${flags.join(' ')}...`);
    const said = await tryDockerd(flags);
    if (said === null) return null;
    const help = HELP.find(([sign, add]) => sign.test(said) && !flags.includes(add[0]));
    if (!help) return `dockerd did not start: ${scrub(said.trim().split('\n').pop() ?? '')}`;
    flags.push(...help[1]);
  }
}

/** Null when it answers; else why it ended, by its log. */
async function tryDockerd(flags) {
  mkdirSync(CACHE, { recursive: true });
  const path = join(CACHE, 'dockerd.log');
  const log = openSync(path, 'w');
  const child = spawn('dockerd', flags, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = new Promise((resolve) => child.once('error', resolve).once('exit', resolve)).then(() => true);
  child.unref();
  const deadline = Date.now() + LIMIT_MS;
  do {
    if (await dockerAnswers()) return null;
  } while (Date.now() < deadline && !(await Promise.race([ended, sleep(100, false)])));
  child.kill('SIGTERM');
  const said = readFileSync(path, 'utf8');
  const at = said.search(/failed to start daemon|error starting daemon/i);
  return said.slice(at < 0 ? -500 : at);
}
