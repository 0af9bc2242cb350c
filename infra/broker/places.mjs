// What the test broker is made of, where it lies and how it is started, for the build and for the tests.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { which } from '../setup/run.mjs';

const beside = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Kafka's version, and the path in a Maven repository and the SHA-256 of each jar; made by `build.mjs --resolve VERSION`. */
export const { version: VERSION, jars: JARS } = JSON.parse(readFileSync(beside('jars.json'), 'utf8'));

const { XDG_CACHE_HOME: chosen } = process.env;
/** Outside the project, so that all clones share it. */
export const CACHE = join(chosen && isAbsolute(chosen) ? chosen : join(homedir(), '.cache'), 'sluice', 'broker');
export const JAR_FOLDER = join(CACHE, VERSION);

export const jarPath = ({ path }) => join(JAR_FOLDER, basename(path));
export const jarsAreThere = () => JARS.every((jar) => existsSync(jarPath(jar)));

export const IMAGE = `sluice-kafka:${VERSION}`;
export const RECIPE_LABEL = 'sluice.broker.recipe';

/** Changes with all that the image is made of; an image with another one is built anew. */
export function recipe() {
  const hash = createHash('sha256');
  for (const name of ['jars.json', 'image.mjs']) hash.update(readFileSync(beside(name)));
  return hash.digest('hex');
}

/** A program of the JDK: from $JAVA_HOME, else along PATH; null where there is none. */
export function jdkProgram(name) {
  const home = process.env.JAVA_HOME;
  const own = home && join(home, 'bin', name);
  return own && existsSync(own) ? own : which([name]);
}

/** The line that says that clients are served. */
export const STARTED = /Kafka Server started/;

// Small and quick to start rather than fast for long: 512 MB, no second compiler.
const OPTIONS = '-Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1';
const LOGGING = ['logFile=System.out', 'showDateTime=true', 'dateTimeFormat=HH:mm:ss.SSS', 'defaultLogLevel=warn', 'log.kafka.server.KafkaRaftServer=info'];
const JVM = `${OPTIONS} ${LOGGING.map((one) => `-Dorg.slf4j.simpleLogger.${one}`).join(' ')}`;
const CLUSTER = 'c2x1aWNlLXRlc3QtMDAwMA';

const START = `
java=$1 jars=$2 folder=$3; shift 3
if [ ! -f "$folder/data/meta.properties" ]; then
  formatted=$("$java" ${JVM} -cp "$jars/*" kafka.tools.StorageTool format --cluster-id ${CLUSTER} --config "$folder/server.properties" "$@" 2>&1) || { echo "$formatted"; exit 1; }
fi
exec "$java" ${JVM} -cp "$jars/*" kafka.Kafka "$folder/server.properties"`;

/**
 * The command that formats the storage, unless that was done before, and then becomes the broker. `folder` has
 * server.properties and will have data/; `users` are arguments of --add-scram.
 */
export function startCommand({ java, jars, folder, users }) {
  return ['/bin/sh', '-c', START, 'sluice-broker', java, jars, folder, ...users.flatMap((user) => ['--add-scram', user])];
}
