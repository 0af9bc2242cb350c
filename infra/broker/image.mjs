// The image: a Java runtime with the modules Kafka uses, its jars, a shell, and the libraries these are linked with.
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { tail } from '../setup/report.mjs';
import { run, say, which } from '../setup/run.mjs';
import { CACHE, IMAGE, jarPath, JARS, jdkProgram, RECIPE_LABEL, recipe } from './places.mjs';

const MODULES = [
  ...['base', 'desktop', 'instrument', 'logging', 'management', 'naming', 'rmi', 'security.jgss', 'security.sasl', 'sql', 'xml'].map((name) => `java.${name}`),
  ...['crypto.ec', 'management', 'unsupported'].map((name) => `jdk.${name}`),
];

/** java.desktop is there for classes that Kafka's logging names; its windows and fonts would bring all of X11. */
const UNUSED = /^lib(awt|splashscreen|jawt|font|freetype|lcms|mlib|javajpeg|jsound)/;

/** Makes the image; gives back the parts that are missing for it. */
export async function buildImage() {
  say(`building the image ${IMAGE} ...`);
  const root = mkdtempSync(join(CACHE, 'root-'));
  try {
    await fillRoot(root);
    await importRoot(root);
    await run('docker', ['image', 'prune', '--force', '--filter', `label=${RECIPE_LABEL}`]); // the one it takes the place of
    return [];
  } catch (error) {
    return [{ name: `the image ${IMAGE}`, cause: error.message, fix: 'is the disk full? Else tell us what you see' }];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function fillRoot(root) {
  const java = join(root, 'opt', 'java');
  for (const folder of ['bin', 'etc', 'tmp', 'opt/kafka']) mkdirSync(join(root, folder), { recursive: true });
  chmodSync(root, 0o755);
  chmodSync(join(root, 'tmp'), 0o1777);
  writeFileSync(join(root, 'etc', 'passwd'), 'root:x:0:0:root:/:/bin/sh\n');
  await must(jdkProgram('jlink'), ['--add-modules', MODULES.join(), '--strip-java-debug-attributes', '--no-header-files', '--no-man-pages', '--output', java]);
  for (const jar of JARS) copyFileSync(jarPath(jar), join(root, 'opt', 'kafka', basename(jar.path)));
  copyFileSync(which(['busybox']), join(root, 'bin', 'busybox'));
  symlinkSync('busybox', join(root, 'bin', 'sh'));
  for (const library of await libraries(java)) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    copyFileSync(realpathSync(library), join(root, library));
  }
}

/** The system's libraries that the runtime is linked with; Snappy's, within its jar, wants C++'s as the JVM does. */
async function libraries(java) {
  const own = readdirSync(join(java, 'lib'), { recursive: true }).filter((name) => name.endsWith('.so') && !UNUSED.test(basename(name)));
  const linked = await must('ldd', [join(java, 'bin', 'java'), ...own.map((name) => join(java, 'lib', name))]);
  const paths = [...linked.matchAll(/^\t(?:\S+ => )?(\/\S+) \(0x/gm)].map((found) => found[1]);
  return new Set(paths.filter((path) => !path.startsWith(java)));
}

/** A tar of the root into `docker import`, without a file between. */
async function importRoot(root) {
  const changes = ['ENV PATH=/opt/java/bin:/bin', `LABEL ${RECIPE_LABEL}=${recipe()}`].flatMap((change) => ['--change', change]);
  const tar = spawn('tar', ['-C', root, '--owner=0', '--group=0', '-c', '.'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const docker = spawn('docker', ['import', ...changes, '-', IMAGE], { stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  for (const child of [tar, docker]) child.stderr.on('data', (text) => (said += text));
  const ends = [tar, docker].map((child) => new Promise((resolve, reject) => child.once('error', reject).once('close', resolve)));
  await pipeline(tar.stdout, docker.stdin).catch(() => {}); // the codes tell
  const codes = await Promise.all(ends);
  if (codes.some((code) => code !== 0)) throw new Error(`docker import failed\n${tail(said, 5)}`);
}

async function must(command, args) {
  const { code, output } = await run(command, args, { limitMs: 300_000 });
  if (code !== 0) throw new Error(`${basename(command)} ended with code ${code}\n${tail(output, 5)}`);
  return output;
}
