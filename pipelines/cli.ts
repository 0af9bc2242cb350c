#!/usr/bin/env node
/** The command line. Data on stdout, everything else on stderr; exit 0 good, 1 failed, 2 usage, 78 bad configuration, 130 interrupted. */
import { CommanderError } from 'commander';
import { asSluiceError, SluiceError } from '../schemas/errors.ts';
import { printable } from './commands/printable.ts';
import { program } from './program.ts';

function complain(error: SluiceError): void {
  // Faults come a line each; everything else in a line may be a name somebody else chose.
  process.stderr.write(`sluice: ${error.message.split('\n').map(printable).join('\n')}\n  ${error.next} [${error.code}]\n`);
  if (error.code === 'SLUICE_E_INTERNAL' && error.cause instanceof Error) process.stderr.write(`${error.cause.stack ?? ''}\n`);
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough (`| head`) is no failure.
  if (error.code === 'EPIPE') process.exit(0);
  complain(new SluiceError(error.code === 'ENOSPC' ? 'SLUICE_E_DISK_FULL' : 'SLUICE_E_NOT_WRITABLE', `standard output cannot be written (${error.code ?? error.message})`));
  process.exit(1);
});
// Where the progress cannot be told (nobody reads it, a full disk, a terminal that is gone), the run goes on without telling.
process.stderr.on('error', () => {});

try {
  await program().parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) {
    process.exitCode = thrown.exitCode === 0 ? 0 : 2;
  } else {
    const error = asSluiceError(thrown, 'SLUICE_E_INTERNAL');
    complain(error);
    process.exitCode = error.exit;
  }
}
