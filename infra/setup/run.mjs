// Child processes with their output kept, the log, and the search along PATH.
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, sep } from 'node:path';
import { scrub, tail } from './report.mjs';

const running = new Set();

// A root shell may be without them (`su` without `-`), and apt-get, dockerd and iptables look there for programs.
process.env.PATH = [process.env.PATH ?? '', '/usr/local/sbin', '/usr/sbin', '/sbin'].join(delimiter);

/** Ends the children, for when set-up itself is told to stop. */
export function endChildren() {
  for (const child of running) child.kill('SIGTERM');
}

/** One line of progress. */
export function say(text) {
  process.stderr.write(`set-up: ${text}\n`);
}

/** Runs a command to its end; never throws. Code 127: it could not be started; 124: out of time. */
export function run(command, args, { cwd, env = process.env, input, limitMs } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let late = false;
    const keep = (chunk) => (output += chunk);
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.stdin.on('error', () => {}); // a child that reads nothing
    child.stdin.end(input ?? '');
    running.add(child);
    const timer = limitMs && setTimeout(() => ((late = true), child.kill('SIGKILL')), limitMs);
    const end = (code, text) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code: late ? 124 : code, output: text });
    };
    child.on('error', (error) => end(127, `${command}: ${error.message}`));
    child.on('close', (code, signal) => end(code ?? 1, signal ? `${output}\nended by ${signal}` : output));
  });
}

/**
 * The log of one set-up. It is written whole after each entry, since `npm ci` removes what lies in
 * node_modules; without node_modules it goes to the folder for temporary files.
 */
export function openLog(root) {
  let text = '';
  let other = null;
  const path = () => {
    if (existsSync(join(root, 'node_modules'))) return join(root, 'node_modules', '.sluice-setup.log');
    other ??= mkdtempSync(join(tmpdir(), 'sluice-setup-')); // a name that nobody could have guessed
    return join(other, 'setup.log');
  };
  const keep = (title, { code, output }) => {
    text += `== ${title}: code ${code}\n${scrub(output).trimEnd()}\n`;
    try {
      writeFileSync(path(), text);
    } catch {
      // A log that cannot be written must not stop the set-up.
    }
  };
  const show = (title, { code, output }) => {
    say(`${title} failed (code ${code})`);
    if (output.trim() !== '') process.stderr.write(`${tail(scrub(output))}\n`);
  };
  return { path, keep, show };
}

/** The first of `names` that PATH has, as a full path; folders below `notUnder` are passed over. */
export function which(names, notUnder) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      if (folder === '' || (notUnder && `${folder}${sep}`.startsWith(`${notUnder}${sep}`))) continue;
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        if (statSync(path).isFile()) return path;
      } catch {
        // Not here.
      }
    }
  }
  return null;
}
