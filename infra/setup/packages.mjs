// The npm packages, and among them the Node that runs Sluice.
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join, relative, sep } from 'node:path';
import { atLeast, LEAST_NODE, packageFaults } from './plan.mjs';
import { causeOf, lockRefused } from './report.mjs';
import { run, say, which } from './run.mjs';

/** How node_modules differs from package-lock.json, with what was deleted from it by hand. */
export function faults(root) {
  const lock = readJson(join(root, 'package-lock.json'));
  const { wrong, skipped } = packageFaults(lock, readJson(join(root, 'node_modules', '.package-lock.json')), thisSystem());
  return { wrong: [...wrong, ...lostPackages(root)], skipped };
}

/** Packages without which it cannot go, and whose folder is gone; a few milliseconds. */
export function lostPackages(root) {
  const entries = Object.entries(readJson(join(root, 'package-lock.json'))?.packages ?? {});
  return entries.filter(([path, entry]) => !entry.optional && !existsSync(join(root, path, 'package.json'))).map(([path]) => path);
}

function thisSystem() {
  process.report.excludeNetwork = true; // else it looks up names, which takes its time
  const libc = process.platform !== 'linux' ? undefined : process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
  return { os: process.platform, cpu: process.arch, libc };
}

/** Without a network npm's own pauses between tries add up to more than a minute. */
const RETRIES = ['--fetch-retries=3', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=8000'];

/** `npm ci` without scripts: what they do here is done, and checked, by the other steps. */
export async function installPackages({ root, log }) {
  const { command, args, env } = npmCommand(root);
  const options = ['--ignore-scripts', '--include=dev', '--include=optional', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...RETRIES];
  const npm = async (...words) => {
    const ended = await run(command, [...args, ...words, ...options], { cwd: root, env });
    log.keep(`npm ${words.join(' ')}`, ended);
    return ended;
  };
  let ended = { code: 0, output: '' };
  if (faults(root).wrong.length > 0) {
    say('installing packages (npm ci) ...');
    ended = await npm('ci');
  }
  if (ended.code !== 0 && lockRefused(ended.output)) {
    say("package-lock.json lacks other systems' packages, which this npm refuses: installing by it with npm install ...");
    ended = await npm('install', '--no-save');
  }
  const { skipped } = faults(root);
  if (ended.code === 0 && skipped.length > 0) {
    say(`installing what npm left out on ${process.version}: ${skipped.join(' ')} ...`);
    ended = await npm('install', '--no-save', ...skipped);
  }
  if (ended.code === 0) {
    const { wrong } = faults(root);
    if (wrong.length === 0) return [];
    return [{ name: 'npm packages', cause: `npm ended well, but ${wrong.length} do not fit package-lock.json`, fix: 'is another npm at work here? Else: rm -rf node_modules, then the same command again' }];
  }
  log.show('npm', ended);
  return [{ name: 'npm packages', cause: causeOf(ended.output, ended.code), fix: 'by hand: npm ci --ignore-scripts' }];
}

/** A Node outside node_modules, which `npm ci` does not remove while it is needed. */
function hostNode(modules) {
  return process.execPath.startsWith(modules + sep) ? (which(['node'], modules) ?? process.execPath) : process.execPath;
}

/** The npm that called us, else the one on PATH. */
function npmCommand(root) {
  const modules = join(root, 'node_modules');
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== join(modules, '.bin'));
  const env = { ...process.env, PATH: path.join(delimiter) };
  const cli = process.env.npm_execpath;
  return cli?.endsWith('npm-cli.js') && existsSync(cli) ? { command: hostNode(modules), args: [cli], env } : { command: 'npm', args: [], env };
}

/** The version that `node` says it is, when it runs and is new enough; else null. */
async function nodeVersion(node) {
  if (!existsSync(node)) return null;
  const { code, output } = await run(node, ['--version'], { limitMs: 20_000 });
  return code === 0 && atLeast(output, LEAST_NODE) ? output.trim() : null;
}

/** Where npm scripts look first for `node`. */
export const nodeLink = (root) => join(root, 'node_modules', '.bin', 'node');

/** The Node in node_modules, if it runs and is new enough. */
export async function findNode(root) {
  const path = nodeLink(root);
  const version = await nodeVersion(path);
  return version && { path, version };
}

/** Puts the packaged Node at node_modules/.bin/node, or falls back on the host's. */
export async function installNode({ root, log, havePackages }) {
  const binary = packagedNode(root);
  if (binary) {
    const link = nodeLink(root);
    mkdirSync(dirname(link), { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(relative(dirname(link), binary), link);
    const found = await findNode(root);
    if (found) return { node: found, missing: [] };
    log.keep('node --version', await run(link, ['--version']));
    rmSync(link, { force: true }); // it would hide the host's
  }
  const why = binary ? 'the packaged Node does not run here' : havePackages ? 'npm has no Node for this system' : 'it comes with the npm packages';
  if (atLeast(process.version, LEAST_NODE)) {
    say(`${why}; going on with this machine's ${process.version}`);
    return { node: { path: process.execPath, version: process.version }, missing: [] };
  }
  const missing = { name: `Node >= ${LEAST_NODE}`, cause: `${why}, and this machine's is ${process.version}`, fix: 'or install a current Node: https://nodejs.org/en/download' };
  return { node: null, missing: [missing] };
}

/** The binary that npm brought, from the package for this system; null where npm has none. */
function packagedNode(root) {
  const binary = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  return existsSync(binary) ? binary : null;
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
