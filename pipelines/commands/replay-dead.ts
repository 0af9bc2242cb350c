/** `sluice replay-dead PIPELINE.yaml`: dead letters back to where they came from. */
import { inputsOf } from '../../infra/kafka/topics.ts';
import { ERRORS } from '../../schemas/errors.ts';
import { allOrFaults, readOneOf, readWhole } from '../config/settings.ts';
import { topicsOf } from '../connect.ts';
import type { Letter } from '../replay/letter.ts';
import { replayDead, type ReplayEvents } from '../replay/replay-dead.ts';
import { interruption } from './interruption.ts';
import { printable, printLines } from './printable.ts';
import { connect, say } from './with-kafka.ts';

export interface ReplayDeadFlags {
  readonly code?: string;
  readonly max?: string;
  readonly attempts: string;
  readonly dryRun: boolean;
  readonly json: boolean;
}

const MOST = Number.MAX_SAFE_INTEGER;

export async function replayDeadCommand(file: string, flags: ReplayDeadFlags): Promise<void> {
  const { dryRun, json } = flags;
  const settings = allOrFaults({
    code: () => (flags.code === undefined ? null : readOneOf('--code', flags.code, Object.keys(ERRORS))),
    max: () => (flags.max === undefined ? MOST : readWhole('--max', flags.max, 1, MOST)),
    attempts: () => readWhole('--attempts', flags.attempts, 1, 1000),
  });
  const signal = interruption();
  const { config, kafka } = await connect(file);
  const events: ReplayEvents = {
    sent(letter) {
      if (dryRun) printLines([json ? jsonLine(letter) : textLine(letter)]);
    },
    unfit: ({ partition, offset, id }, cause) => say(`not sent: ${partition}/${offset}  ${id}: ${cause}`),
  };
  const summary = await replayDead(kafka, { name: config.name, dead: config.sinks.kafka.dead, inputs: inputsOf(topicsOf(config)), dryRun, ...settings }, events, signal);
  if (json && !dryRun) return printLines([JSON.stringify(summary)]);
  const { sent, before, given_up, foreign } = summary;
  say(`${sent} ${dryRun ? 'to be sent back' : 'sent back'}; ${before} were before, ${given_up} given up${foreign === 0 ? '' : `, ${foreign} are no dead letters of this pipeline`}`);
}

function textLine({ partition, offset, id, code, cause, attempts }: Letter): string {
  return printable(`${partition}/${offset}  ${id}: ${cause} [${code}]${attempts === 0 ? '' : `, sent back ${attempts} times`}`);
}

function jsonLine({ partition, offset, id, code, cause, attempts }: Letter): string {
  return JSON.stringify({ partition, offset: Number(offset), id, code, cause, attempts });
}
