/** Where a pipeline tells of its alerts (docs/delivery.md). */
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { address, path } from './fields.ts';
import { kafkaAlerts } from './kafka.ts';
import { secretRef } from './secret.ts';
import { duration } from './units.ts';

const MOST_SINKS = 16;
const KINDS = ['log', 'jsonl', 'kafka', 'webhook', 'command'] as const;

function sink(folder: string) {
  return z
    .strictObject({
      name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'expected up to 64 of a-z 0-9 . _ -, the first a letter or digit').optional().describe('Name of the sink, by which its place among the alerts is kept; default: what kind it is.'),
      log: z.literal(true).optional().describe('true: a line on stderr.'),
      jsonl: path(folder).optional().describe('File to which a line of JSON is appended.'),
      kafka: kafkaAlerts(folder).optional(),
      webhook: z
        .strictObject({
          url: address().meta({ examples: ['https://ops.example.com/alerts'] }).describe('Where the alert is sent, as JSON in a POST.'),
          secret: secretRef(folder).optional().describe('What requests are signed with; left out: they are not.'),
        })
        .optional(),
      command: z
        .array(z.string().regex(/^[^\0]*$/, 'no text for a program can hold a NUL'))
        .min(1, 'expected a program and what it is given')
        .refine((words) => words[0] !== '', { message: 'expected a program', path: [0] })
        .optional()
        .meta({ examples: [['/usr/local/bin/page', '--urgent']] })
        .transform((words) => (words === undefined ? undefined : fromFolder(folder, words)))
        .describe('Program and its arguments, started without a shell, with the alert as JSON on its standard input; a path is relative to the folder of this file.'),
      timeout: duration('100ms', '10m').prefault('10s').describe('Time that a webhook or Kafka has to answer and a command to end.'),
    })
    .refine((given) => KINDS.filter((kind) => given[kind] !== undefined).length === 1, 'give one of log, jsonl, kafka, webhook and command')
    .meta({ oneOf: KINDS.map((kind) => ({ required: [kind] })) })
    .transform((given) => ({ ...given, name: given.name ?? KINDS.find((kind) => given[kind] !== undefined) ?? '' }));
}

/** @param folder what relative paths are relative to */
export function alertsSpec(folder: string) {
  return z
    .array(sink(folder))
    .max(MOST_SINKS, `expected at most ${MOST_SINKS} sinks`)
    .refine((sinks) => new Set(sinks.map(({ name }) => name)).size === sinks.length, 'each sink needs a name of its own: two have the same')
    .default([])
    .describe('Sinks that alerts are delivered to (docs/delivery.md).');
}

export type SinkConfig = z.output<ReturnType<typeof sink>>;

/** A bare name is looked for where the system looks for programs. */
function fromFolder(folder: string, [program = '', ...args]: readonly string[]): readonly string[] {
  return [program.includes('/') && !isAbsolute(program) ? resolve(folder, program) : program, ...args];
}
