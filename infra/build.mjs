// Builds dist/, what the npm package holds: the tree compiled to JavaScript, with the files that it reads at the same places beside it.
//
//   node infra/build.mjs      (npm run build; npm pack does it)
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const COMPILED = ['pipelines', 'operators', 'schemas', 'infra'];
/** Read where they are: the model, the demo stream, and examples that the documents show. */
const READ = ['models', 'examples/demo', 'examples/pipeline.yaml', 'examples/cameras.yaml'];
/** A broker is for the tests, and this is not for the package. */
const LEFT_OUT = ['infra/broker', 'infra/build.mjs'];

rmSync(dist, { recursive: true, force: true });
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
for (const path of [...COMPILED, ...READ]) cpSync(join(root, path), join(dist, path), { recursive: true, filter: isAsset });
for (const path of LEFT_OUT) rmSync(join(dist, path), { recursive: true, force: true });
// What Node and `--version` ask for; the names of exports are in the package's own.
const { version, type } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
writeFileSync(join(dist, 'package.json'), `${JSON.stringify({ version, type })}\n`);
const command = join(dist, 'pipelines', 'cli.js');
if (!existsSync(command)) throw new Error(`the compiler made no ${relative(root, command)}`);
chmodSync(command, 0o755);

function isAsset(path) {
  const inside = relative(root, path).split(sep).join('/');
  return !inside.endsWith('.ts') && !LEFT_OUT.includes(inside);
}
