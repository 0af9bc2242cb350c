// Makes the Kafka broker that the tests start: its jars from Maven Central, and of them an image for Docker.
// Plain Node >= 18, run by `npm test` and by hand. Quiet and quick when all is there.
//
//   node infra/broker/build.mjs
//   node infra/broker/build.mjs --process              no image: what `npm run broker` needs, which runs it as a process
//   node infra/broker/build.mjs --resolve VERSION      writes jars.json for another version of Kafka
//
// As root on Debian and Ubuntu it installs what is missing, and starts dockerd, which stays. Without Docker the
// tests run the broker as a process, but in CI: there it ends with code 1.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { takeLock } from '../setup/lock.mjs';
import { renderMissing } from '../setup/report.mjs';
import { endChildren, say } from '../setup/run.mjs';
import { dockerAnswers, imageIsThere, mayStartDocker, startDocker } from './docker.mjs';
import { buildImage } from './image.mjs';
import { fetchJars, lostJars, resolveJars } from './jars.mjs';
import { CACHE } from './places.mjs';
import { installForImage, installForProcess, javaRuns } from './system.mjs';

const processOnly = process.argv.includes('--process');

async function isDone() {
  return lostJars().length === 0 && (await (processOnly ? javaRuns() : imageIsThere()));
}

/** Takes the steps that are due; gives back the parts that are still missing. */
async function build() {
  if (processOnly) return [...(await installForProcess()), ...(await fetchJars())];
  const running = await dockerAnswers();
  const missing = process.platform === 'linux' ? await installForImage({ engine: !running && mayStartDocker() }) : [{ name: 'the image of the broker', cause: 'it is built on Linux only' }];
  missing.push(...(await fetchJars()));
  if (missing.length > 0) return missing;
  if (!running && !(await dockerAnswers())) {
    const fault = mayStartDocker() ? await startDocker() : 'none answers, and only root may start one';
    if (fault !== null) return [{ name: 'a Docker engine', cause: fault, fix: `its log, when it was started here: ${join(CACHE, 'dockerd.log')}` }];
  }
  return (await imageIsThere()) ? [] : buildImage();
}

async function main() {
  const at = process.argv.indexOf('--resolve');
  if (at > 0) {
    const version = process.argv[at + 1];
    if (!/^\d+\.\d+\.\d+$/.test(version ?? '')) throw new Error('--resolve wants a version of Kafka, such as 4.1.2');
    return resolveJars(version, fileURLToPath(new URL('jars.json', import.meta.url)));
  }
  if (await isDone()) return undefined;
  const started = Date.now();
  mkdirSync(CACHE, { recursive: true });
  const release = await takeLock(join(CACHE, 'build.lock'), (pid) => say(`waiting for another build of the broker (process ${pid}) ...`));
  process.once('exit', release);
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]]) {
    process.once(signal, () => {
      endChildren();
      process.exit(code);
    });
  }
  const missing = await build();
  if (missing.length === 0) return say(`the broker is ready (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (!processOnly && !process.env.CI && lostJars().length === 0 && (await javaRuns())) return say(`no image of the broker (${missing.map(({ name }) => name).join(', ')}): tests will run it as a process`);
  process.stderr.write(`${renderMissing(missing, null)}\n`);
  process.exitCode = 1;
  return undefined;
}

main().catch((error) => {
  say(error.message);
  process.exitCode = 1;
});
