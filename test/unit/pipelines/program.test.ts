import { describe, expect, test } from 'vitest';
import { program } from '../../../pipelines/program.ts';

/** What the contract of the command line names (design: "Contract of the command line"). */
const CONTRACT: Readonly<Record<string, readonly string[]>> = {
  curate: ['<source>', '--out <', '--format <', '--root <', '--budget <', '--budget-per <', '--labels <', '--predictions <', '--campaigns <', '--reveal <', '--objects <', '--health <', '--gate <', '--purpose <', '--validation-share <', '--guard <', '--known <', '--known-format <', '--known-root <', '--fit <', '--model <', '--embeddings <', '--fps <', '--policy <', '--seed <', '--batch <', '--workers <', '--rejected-thumbnails <', '--change', '--retry', '--no-report', '--json'],
  run: ['<pipeline>', '--change'],
  topics: ['<pipeline>', '--partitions <'],
  produce: ['<pipeline>', '<source>', '--format <', '--root <', '--labels <', '--predictions <', '--labels-only', '--stream <', '--id-prefix <', '--fps <', '--inline-limit <', '--json'],
  decisions: ['<pipeline>', '--follow', '--json'],
  'replay-dead': ['<pipeline>', '--code <', '--max <', '--attempts <', '--dry-run', '--json'],
  export: ['<dir>', '--to <', '--format <', '--verdict <', '--media <', '--split <', '--version <', '--since <', 'jsonl', 'csv', 'coco', 'yolo', 'cvat', 'label-studio', 'fiftyone', 'webdataset', 'parquet', 'class-folders', 'voc', 'admit', 'reject', 'all'],
  version: ['<dir>', '[name]', '--json'],
  diff: ['<dir> <a> [b]', '<dir>:<a> <dir>:<b>', '--near <', '--json'],
  correct: ['<dir>', '--labels <', '--json'],
  explain: ['<dir>', '<id>'],
  reembed: ['<dir>', '--model', '--embeddings', '--workers', '--json'],
  rescue: ['<dir>', '<ids...>', '--reject', '--json'],
  prune: ['<dir>', '--older <', '--larger <', '--json'],
  forget: ['<dir>', '[ids...]', '--stream <', '--before <', '--dry-run', '--json'],
  dead: ['<dir>', '--json'],
  alerts: ['<dir>', '--kind <', '--stream <', '--since <', '--open', '--json', 'ack', 'mute', 'unmute', 'mutes'],
  report: ['<dir>'],
  replay: ['<dir>', '--policy <', '--budget <', '--budget-per <', '--purpose <', '--reveal <', '--seed <', '--report <', '--json'],
  lint: ['[files...]', '--schema ['],
  test: ['<places...>'],
  embed: ['<source>', '--to <', '--format <', '--root <', '--fit <', '--fps <', '--model <', '--workers <', '--json'],
  doctor: ['--json'],
  setup: [],
  demo: ['--out <'],
};

describe('--help', () => {
  test('lists every command with one sentence', () => {
    const help = program().helpInformation();
    for (const name of Object.keys(CONTRACT)) expect(help, name).toMatch(new RegExp(`^ {2}${name}\\b.* {2}\\w`, 'm'));
  });

  test.for(Object.entries(CONTRACT))('of %s lists what it takes, each with a description', ([name, words]) => {
    const command = program().commands.find((candidate) => candidate.name() === name);
    const help = command?.helpInformation() ?? '';
    for (const word of words) expect(help).toContain(word);
    // An option that is not in the contract above belongs there.
    const listed = help.split('\n').flatMap((line) => /^ {2}(--[\w-]+)(?:.*? {2,}(\S.*))?/.exec(line)?.slice(1) ?? []);
    for (const [i, text] of listed.entries()) expect(i % 2 === 0 ? words.some((word) => word.startsWith(text)) : text.length > 3, `${name} ${text}`).toBe(true);
  });

  test('fits a window of 120 columns', () => {
    for (const command of [program(), ...program().commands]) for (const line of command.helpInformation().split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });
});
