/**
 * `npm test`: types, lint, import rules, unused code, documents, then all tests. Quiet when good; ends with one line of counts.
 * Arguments are passed on to vitest, which then is all that runs.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string): string => join(root, 'node_modules', name);

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

interface Check {
  readonly name: string;
  readonly script: readonly string[];
}

const CHECKS: readonly Check[] = [
  { name: 'types', script: [bin('typescript/bin/tsc'), '--noEmit', '-p', root] },
  { name: 'lint', script: [bin('oxlint/bin/oxlint'), '--type-aware', '--quiet', root] },
  { name: 'import rules', script: [bin('dependency-cruiser/bin/dependency-cruise.mjs'), '--config', '.dependency-cruiser.cjs', 'pipelines', 'operators', 'schemas', 'infra', 'bench', 'examples'] },
  { name: 'unused code', script: [bin('knip/bin/knip.js')] },
];

function run(script: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, script, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env, NO_COLOR: '1' } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

async function check({ name, script }: Check): Promise<Counts> {
  const { code, output } = await run(script);
  if (code === 0) return { passed: 1, failed: 0 };
  console.log(`--- ${name} failed\n${output.trim()}`);
  return { passed: 0, failed: 1 };
}

/** @param folder where the tests put what they make; it goes when they are done */
async function tests(folder: string, extra: readonly string[]): Promise<Counts> {
  const report = join(folder, 'vitest.json');
  const { code, output } = await run([bin('vitest/vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...extra], { TMPDIR: folder });
  const result = readReport(report);
  // A worker that dies or a test file that does not load fails no single test: the exit code tells.
  const failed = Math.max(result.failed, code === 0 && result.passed > 0 ? 0 : 1);
  if (failed > 0) console.log(`--- tests failed\n${failures(output)}`);
  return { passed: result.passed, failed };
}

function readReport(file: string): Counts {
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(file, 'utf8')) as { numPassedTests: number; numFailedTests: number; numPendingTests: number };
    // A test that did not run is no test that passed.
    return { passed: numPassedTests, failed: numFailedTests + numPendingTests };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

/** What a person needs of a failed run: everything from the list of failures on. */
function failures(output: string): string {
  const at = output.search(/(⎯+ )?Failed (Tests|Suites)|Unhandled/);
  return output.slice(Math.max(0, at)).trim().slice(0, 60_000);
}

const extra = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
// Some tests look at their files as another user.
chmodSync(folder, 0o755);
const counts: Counts[] = [];
if (extra.length === 0) for (const each of CHECKS) counts.push(await check(each));
counts.push(await tests(folder, extra));
rmSync(folder, { recursive: true });
const total = counts.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed }));
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
