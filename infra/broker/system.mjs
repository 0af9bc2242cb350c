// The programs that the build runs, and apt-get where it may be used.
import { causeOf } from '../setup/report.mjs';
import { run, say, which } from '../setup/run.mjs';
import { mayInstall, systemFamily } from '../setup/system.mjs';
import { jdkProgram } from './places.mjs';

const LEAST_JAVA = 17;

/** What each is for, how it is looked for, and Debian's names. Those that the image is made with. */
const IMAGE_PARTS = [
  { name: `a JDK, ${LEAST_JAVA} or newer`, cause: 'no jlink of one ($JAVA_HOME, PATH); it makes the Java that runs Kafka', debian: ['default-jdk-headless'], isThere: async () => (await version('jlink')) >= LEAST_JAVA },
  { name: 'busybox', cause: 'no static one on PATH; it is the shell of the image', debian: ['busybox-static'], isThere: hasBusybox },
  { name: 'OpenSSL', cause: 'no openssl on PATH; it makes the certificates of tests with TLS', debian: ['openssl'], isThere: () => has('openssl') },
  { name: 'a Docker client', cause: 'no docker on PATH', debian: ['docker.io'], isThere: () => has('docker') },
];

const ENGINE = { name: 'a Docker engine', cause: 'none answers, and there is no dockerd to start', debian: ['docker.io', 'iptables'], isThere: () => has('dockerd') };

/** What a broker as a process runs with. */
const PROCESS_PARTS = [{ name: `Java, ${LEAST_JAVA} or newer`, cause: 'none ($JAVA_HOME, PATH); it runs Kafka', debian: ['default-jre-headless'], isThere: () => javaRuns() }];

const has = async (name) => which([name]) !== null;

async function version(program) {
  const path = jdkProgram(program);
  return path === null ? 0 : Number.parseInt((await run(path, ['--version'], { limitMs: 20_000 })).output, 10) || 0;
}

/** One that is linked with libraries would not start in the image. */
async function hasBusybox() {
  const path = which(['busybox']);
  return path !== null && /not a dynamic executable|statically linked/.test((await run('ldd', [path])).output);
}

/** A Java that runs Kafka without Docker. */
export const javaRuns = async () => {
  const java = jdkProgram('java');
  const said = java === null ? '' : (await run(java, ['-version'], { limitMs: 20_000 })).output;
  return Number.parseInt(/version "(\d+)/.exec(said)?.[1] ?? '0', 10) >= LEAST_JAVA;
};

/** For the image; both give back the parts that are still missing. */
export const installForImage = ({ engine }) => install(engine ? [...IMAGE_PARTS, ENGINE] : IMAGE_PARTS, true);
export const installForProcess = () => install(PROCESS_PARTS, false);

/** Installs what is not there when that is possible. */
async function install(parts, docker) {
  const lost = await lostOf(parts);
  if (lost.length === 0) return [];
  if (mayInstall(systemFamily())) {
    const packages = [...new Set(lost.flatMap((part) => part.debian))];
    const fault = await aptInstall(packages);
    // Newer releases have the client apart from the engine.
    if (docker && fault === null && !(await has('docker'))) await aptInstall(['docker-cli']);
    return (await lostOf(lost)).map((part) => ({ ...part, cause: fault ?? 'apt-get has installed it, but it cannot be used' }));
  }
  return lost.map((part) => ({ ...part, fix: `Debian, Ubuntu: sudo apt-get install -y --no-install-recommends ${part.debian.join(' ')}` }));
}

async function lostOf(parts) {
  const there = await Promise.all(parts.map((part) => part.isThere()));
  return parts.filter((_, at) => !there[at]);
}

/** Null, or why it failed. */
async function aptInstall(packages) {
  say(`installing ${packages.join(' ')} (apt-get) ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300'];
  const updated = await run('apt-get', [...apt, 'update'], { env });
  const ended = await run('apt-get', [...apt, '--no-install-recommends', 'install', ...packages], { env });
  return ended.code === 0 ? null : `apt-get could not install it: ${causeOf(updated.output + ended.output, ended.code)}`;
}
