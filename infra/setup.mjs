// Brings a fresh clone to where Sluice runs: npm packages, Node 24, faiss-node, and the system packages
// these need, among them ffmpeg, without which all but videos works. Plain Node >= 18, since nothing is installed yet. Called by npm before `demo` and `test`.
//
//   node infra/setup.mjs [--browser]      --browser: also a Chromium and an RTSP server, for the tests of pages and cameras
//
// Quiet and quick when nothing is to be done. Otherwise it does what it can, then lists all that is
// missing and how to get it, and ends with code 1.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { takeLock } from './setup/lock.mjs';
import { faissBinary } from './setup/native.mjs';
import { lostPackages, nodeLink } from './setup/packages.mjs';
import { atLeast, stampHolds } from './setup/plan.mjs';
import { renderMissing } from './setup/report.mjs';
import { endChildren, openLog, say } from './setup/run.mjs';
import { lookOnly, setUp, setUpInstalled } from './setup/steps.mjs';
import { browserMissing, ffmpegMissing, rtspMissing, systemFamily } from './setup/system.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampPath = join(root, 'node_modules', '.sluice-setup.json');

/** What a good set-up leaves behind, read without starting a process; null: not there. */
function state() {
  const mark = (path) => { // whole seconds: images and archives keep no more
    const found = statSync(path, { throwIfNoEntry: false });
    return found ? `${found.size} ${Math.floor(found.mtimeMs / 1000)}` : null;
  };
  return {
    format: 1,
    system: `${process.platform}-${process.arch}`,
    lock: createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex'),
    installed: mark(join(root, 'node_modules', '.package-lock.json')),
    node: mark(nodeLink(root)) ?? `host ${process.version}`,
    faiss: mark(faissBinary(root)),
    ffmpeg: !ffmpegMissing(), // looked for again when that changes, not each time
  };
}

function isDone(browser) {
  let stamp = null;
  try {
    stamp = JSON.parse(readFileSync(stampPath, 'utf8'));
  } catch {
    // No stamp, or half a one: look closely.
  }
  return stampHolds(stamp, state()) && lostPackages(root).length === 0 && !(browser && (browserMissing() || rtspMissing()));
}

async function main() {
  const browser = process.argv.includes('--browser');
  if (process.platform === 'win32') throw new Error('Windows is not supported; WSL with Debian or Ubuntu is');
  if (!atLeast(process.version, '18.0.0')) throw new Error(`Node 18 or newer is needed to begin with; this is ${process.version}`);
  if (!existsSync(join(root, 'package-lock.json'))) return installed();
  if (isDone(browser)) return;

  const started = Date.now();
  const log = openLog(root);
  let release;
  try {
    release = await takeLock(join(root, '.cache', 'setup.lock'), (pid) => say(`waiting for another set-up (process ${pid}) ...`));
  } catch (error) {
    const missing = await lookOnly({ root, browser, log, error });
    return missing.length > 0 ? giveUp(missing, log) : undefined;
  }
  process.once('exit', release);
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]]) {
    process.once(signal, () => {
      endChildren();
      process.exit(code);
    });
  }
  if (isDone(browser)) return; // the other one did it
  rmSync(stampPath, { force: true });
  const missing = await setUp({ root, browser, log });
  if (missing.length > 0) return giveUp(missing, log);
  writeFileSync(stampPath, `${JSON.stringify(state())}\n`);
  say(`done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** As a package among others, which `npx sluice setup` asks for. */
async function installed() {
  const log = openLog(root);
  const missing = await setUpInstalled({ root, log });
  if (missing.length > 0) giveUp(missing, log);
  else say('all is there');
}

function giveUp(missing, log) {
  process.stderr.write(`${renderMissing(missing, systemFamily())}\n  Full log: ${log.path()}\n`);
  process.exitCode = 1;
}

main().catch((error) => {
  say(error.message);
  process.exitCode = 1;
});
