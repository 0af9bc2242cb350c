/** Alerts to a command: started once for each, without a shell, with the alert as JSON on its standard input. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Alert } from '../../schemas/decision.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { alertJson } from '../../schemas/records-alert.ts';
import type { Sink } from './types.ts';

/** Of what it says on stderr. */
const SHOWN = 200;
const LAST_WORDS_MS = 200;

export interface CommandSettings {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly timeoutMs: number;
}

export function command({ name, program, args, timeoutMs }: CommandSettings): Sink {
  return {
    name,
    async deliver(alert: Alert, signal: AbortSignal): Promise<void> {
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const fail = (cause: string): void => reject(new SluiceError('SLUICE_E_SINK_FAILED', cause));
      // A group of its own: what it starts ends with it, and Ctrl-C at the run is not for it. The secrets of the pipeline are in the environment of the run, so it gets none of that but PATH.
      const child = spawn(program, [...args], { detached: true, env: { PATH: process.env['PATH'] ?? '', SLUICE_ALERT_ID: alert.id, SLUICE_ALERT_KIND: alert.kind }, stdio: ['pipe', 'ignore', 'pipe'] });
      const end = (): void => {
        try {
          if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        } catch {
          // It has ended already.
        }
      };
      const timer = setTimeout(() => {
        fail(`it took more than ${timeoutMs / 1000} s`);
        end();
      }, timeoutMs);
      const interrupt = (): void => {
        reject(signal.reason);
        end();
      };
      signal.addEventListener('abort', interrupt);
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(0, SHOWN)));
      // One that does not read it may end before all is written.
      child.stdin.on('error', () => {});
      child.stdin.end(`${alertJson(alert)}\n`);
      child.on('error', (thrown: NodeJS.ErrnoException) => fail(`it could not be started (${thrown.code ?? 'unknown error'})`));
      child.on('exit', (code, by) => {
        if (code === 0) return resolve();
        // Its last words may still be on the way; what it left running could hold them up for ever.
        const told = Promise.race([once(child.stderr, 'end').catch(() => {}), sleep(LAST_WORDS_MS)]);
        void told.then(() => fail(`it ended with ${code === null ? String(by) : `exit code ${code}`}${said.trim() === '' ? '' : `, and says: ${said.trim()}`}`));
      });
      try {
        await promise;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', interrupt);
        // What it left behind must not hold the pipe.
        child.stderr.destroy();
      }
    },
    close: () => {},
  };
}
