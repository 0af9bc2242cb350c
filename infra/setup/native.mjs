// The packages with native code: faiss-node is fetched or built, onnxruntime-node and sharp are tried.
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadCause } from './report.mjs';
import { run, say } from './run.mjs';
import { faissFlags, findCompiler } from './system.mjs';

/** The folder of a package as a file in `root` would find it: in a clone below it, in an installed package beside or above it; null: not there. */
function packageFolder(root, name) {
  const folder = join(root, 'node_modules', name);
  if (existsSync(folder)) return folder;
  return dirname(root) === root ? null : packageFolder(dirname(root), name);
}

/** Where `require('faiss-node')` looks; in a clone also before it is there. */
export const faissBinary = (root) => join(packageFolder(root, 'faiss-node') ?? join(root, 'node_modules', 'faiss-node'), 'build', 'Release', 'faiss-node.node');

const SMOKE = `
const { IndexFlatIP } = require('faiss-node');
const index = new IndexFlatIP(4);
index.add([1, 0, 0, 0, 0, 1, 0, 0]);
const { labels, distances } = index.search([0, 1, 0, 0], 1);
if (labels[0] !== 1 || distances[0] !== 1) throw new Error('a search found the wrong vector');`;

/** Adds and searches in a process of its own, since FAISS aborts on errors. */
export async function faissWorks(root, node, log) {
  if (!existsSync(faissBinary(root))) return false;
  const ended = await run(node, ['-e', SMOKE], { cwd: root, limitMs: 60_000 });
  log.keep('faiss-node: add and search', ended);
  return ended.code === 0;
}

/** The binary its author publishes, as `npm install` with scripts would take it; offline this fails within its limit. */
export async function fetchFaiss({ root, node, log, limitMs }) {
  const [source, prebuild] = [packageFolder(root, 'faiss-node'), packageFolder(root, 'prebuild-install')];
  if (source === null || prebuild === null) return false;
  const script = join(prebuild, 'bin.js');
  say(`looking for a prebuilt faiss-node (at most ${limitMs / 1000} s) ...`);
  const ended = await run(node, [script, '--runtime', 'napi', '--verbose'], { cwd: source, limitMs });
  log.keep('prebuild-install', ended);
  if (ended.code === 0 && (await faissWorks(root, node, log))) return true;
  rmSync(join(source, 'build'), { recursive: true, force: true });
  return false;
}

/**
 * Compiles the one C++ file that faiss-node ships. N-API is stable over Node versions, so any
 * node_api.h will do: the package node-api-headers has it, and so has each Node's own folder.
 */
export async function buildFaiss({ root, node, log }) {
  const failed = (cause) => [{ name: 'faiss-node', cause, fix: `see the log: ${log.path()}` }];
  const source = packageFolder(root, 'faiss-node');
  if (source === null) return failed('the package is not there');
  const headers = [join(packageFolder(root, 'node-api-headers') ?? '', 'include'), join(dirname(process.execPath), '..', 'include', 'node'), '/usr/include/node'];
  const api = headers.find((folder) => existsSync(join(folder, 'node_api.h')));
  const addon = packageFolder(source, 'node-addon-api');
  const [compiler, ...first] = findCompiler() ?? [];
  if (!api || !addon || !compiler) return failed('no node_api.h, node-addon-api or compiler to build it with');

  say('building faiss-node ...');
  const target = faissBinary(root);
  const fresh = `${target}.${process.pid}`; // renamed when done, so that nobody loads half a file
  mkdirSync(dirname(target), { recursive: true });
  const { compile, link, libraries } = faissFlags();
  const args = [...first, '-std=c++17', '-O3', ...compile, ...link, '-DNAPI_CPP_EXCEPTIONS', '-DNAPI_VERSION=6'];
  const inputs = ['-include', join(root, 'infra', 'faiss', 'native', 'compat.h'), '-I', api, '-I', addon, join(source, 'src', 'faiss.cc')];
  const ended = await run(compiler, [...args, ...inputs, '-o', fresh, ...libraries], { cwd: source });
  log.keep('build of faiss-node', ended);
  if (ended.code !== 0) {
    rmSync(fresh, { force: true });
    log.show('build of faiss-node', ended);
    return failed('it does not compile here');
  }
  renameSync(fresh, target);
  return (await faissWorks(root, node, log)) ? [] : failed('it was built, but does not work');
}

const LOAD = `
const failed = {};
process.env.ORT_DISABLE_TELEMETRY = '1';
for (const name of ['onnxruntime-node', 'sharp']) {
  try { require(name); } catch (error) { failed[name] = String(error.message); }
}
process.stdout.write('\\n' + JSON.stringify(failed));`;

/** Do the packages that ship their native parts load? */
export async function loadNatives({ root, node, log }) {
  const ended = await run(node, ['-e', LOAD], { cwd: root, limitMs: 120_000 });
  log.keep('load onnxruntime-node and sharp', ended);
  const failed = ended.code === 0 ? JSON.parse(ended.output.trim().split('\n').pop()) : { 'onnxruntime-node and sharp': ended.output };
  const fix = 'by hand: rm -rf node_modules, then the same command again';
  return Object.entries(failed).map(([name, message]) => ({ name, cause: loadCause(message), fix }));
}
