// Kafka's jars: fetched once from Maven Central, or through the machine's own Maven, and held to the sums in jars.json.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { scrub, tail } from '../setup/report.mjs';
import { run, say, which } from '../setup/run.mjs';
import { CACHE, JAR_FOLDER, jarPath, JARS, VERSION } from './places.mjs';

const REPOSITORY = (process.env.MAVEN_REPOSITORY || 'https://repo1.maven.org/maven2').replace(/\/+$/, '');
const AT_ONCE = 8;
const LIMIT_MS = 120_000;

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

function isGood(jar) {
  try {
    return sha256(readFileSync(jarPath(jar))) === jar.sha256;
  } catch {
    return false;
  }
}

/** Those that are not there whole. */
export const lostJars = () => JARS.filter((jar) => !isGood(jar));

/** Brings the jars; gives back the parts that are missing then. */
export async function fetchJars() {
  const lost = lostJars();
  if (lost.length === 0) return [];
  say(`fetching Kafka ${VERSION} (${lost.length} of ${JARS.length} jars) ...`);
  mkdirSync(JAR_FOLDER, { recursive: true });
  const cause = await fetchAll(lost);
  if (cause === null) return [];
  const left = lostJars();
  if (which(['mvn']) === null) return [missing(`${cause}; and there is no mvn to try`)];
  say(`${cause}; trying mvn ...`);
  const folder = mkdtempSync(join(CACHE, 'maven-'));
  try {
    await copyByMaven(VERSION, folder);
    for (const jar of left) keep(jar, readFileSync(join(folder, jar.path)));
    return [];
  } catch (error) {
    return [missing(scrub(error.message))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function missing(cause) {
  return { name: `Kafka ${VERSION}`, cause, fix: 'set MAVEN_REPOSITORY to the address of a copy of Maven Central that this machine reaches' };
}

/** Null, or why it broke off. */
async function fetchAll(jars) {
  const queue = [...jars];
  const worker = async () => {
    for (let jar = queue.pop(); jar; jar = queue.pop()) {
      const answer = await fetch(`${REPOSITORY}/${jar.path}`, { signal: AbortSignal.timeout(LIMIT_MS) });
      if (!answer.ok) throw new Error(`the repository answers ${answer.status} for ${jar.path}`);
      keep(jar, Buffer.from(await answer.arrayBuffer()));
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return null;
  } catch (error) {
    queue.length = 0;
    const code = error.cause?.code ?? error.cause?.message ?? error.name;
    return error.message === 'fetch failed' || error.name === 'TimeoutError' ? `the Maven repository was not reached (${code})` : error.message;
  }
}

/** Renamed into place when whole and right, so that nobody reads half a jar. */
function keep(jar, bytes) {
  if (sha256(bytes) !== jar.sha256) throw new Error(`${basename(jar.path)} is not the file it was: its SHA-256 differs from jars.json`);
  const fresh = `${jarPath(jar)}.${process.pid}`;
  writeFileSync(fresh, bytes);
  renameSync(fresh, jarPath(jar));
}

// Kafka logs through slf4j, to which its pom names no back end.
const WANTED = (version) => [['org.apache.kafka', 'kafka_2.13', version], ['org.slf4j', 'slf4j-simple', '1.7.36']];
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** All that Kafka needs to run, in `folder`, laid out as in a repository. */
async function copyByMaven(version, folder) {
  const dependency = ([group, artifact, wanted]) => `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${wanted}</version></dependency>`;
  const project = `<modelVersion>4.0.0</modelVersion><groupId>sluice</groupId><artifactId>broker</artifactId><version>1</version><dependencies>${WANTED(version).map(dependency).join('')}</dependencies>`;
  writeFileSync(join(folder, 'pom.xml'), `<project xmlns="http://maven.apache.org/POM/4.0.0">${project}</project>\n`);
  const { code, output } = await run('mvn', ['-q', '-B', PLUGIN, '-DincludeScope=runtime', '-Dmdep.useRepositoryLayout=true', `-DoutputDirectory=${folder}`], { cwd: folder, limitMs: 600_000 });
  if (code !== 0) throw new Error(`mvn ended with code ${code}\n${tail(output, 5)}`);
}

/** Writes jars.json for a version, as Maven resolves it; for a change of Kafka's version. */
export async function resolveJars(version, target) {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'maven-'));
  try {
    await copyByMaven(version, folder);
    const paths = readdirSync(folder, { recursive: true }).filter((path) => path.endsWith('.jar')).sort((a, b) => (a < b ? -1 : 1));
    const jars = paths.map((path) => ({ path, sha256: sha256(readFileSync(join(folder, path))) }));
    const lines = jars.map((jar) => `    ${JSON.stringify(jar)}`).join(',\n');
    writeFileSync(join(folder, 'jars.json'), `{\n  "version": "${version}",\n  "jars": [\n${lines}\n  ]\n}\n`);
    copyFileSync(join(folder, 'jars.json'), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
