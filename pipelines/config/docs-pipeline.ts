/** docs/pipeline.md: the pipeline file, its tests, and what a worker shows of itself. */
import { readFileSync } from 'node:fs';
import { METRICS } from '../../infra/metrics/definitions.ts';
import { TELL_EVERY } from '../../operators/tell.ts';
import { REACH } from '../../operators/state/late-label.ts';
import { casesSpec } from './cases/spec.ts';
import { settingRows } from './docs-settings.ts';
import { table } from './docs.ts';
import { schemaOf } from './json-schema.ts';
import { pipelineSpec } from './pipeline.ts';

const COLUMNS = ['setting', 'value', 'default', 'meaning'];

export function pipelinePage(): string {
  return `# The pipeline file

\`sluice run pipeline.yaml\` works through a stream as the file says; \`sluice lint pipeline.yaml\` checks it. A file with a fault starts nothing: all faults are told at once, as
\`file:line:column: setting: what is wrong (how to mend it)\`, and the exit code is 78.

${example('pipeline.yaml')}

## Settings

Durations are a number with \`ms\`, \`s\`, \`m\`, \`h\` or \`d\`; sizes one with \`B\`, \`kB\`, \`MB\`, \`GB\` (powers of 1000) or \`KiB\`, \`MiB\`, \`GiB\` (of 1024). Paths are relative to the file they stand in.

${table(COLUMNS, settingRows(schemaOf(pipelineSpec('.')), { policy: 'Weights and thresholds: [policy.md](policy.md).' }))}

## Label events

Labels that come after their samples go into the topic \`source.kafka.labels\`: records of \`schemas/avro/label\`, with the id of the sample, in the partition of the sample (the same key, the same partitioner). Partition p of
both topics belongs to one worker, and what it reads of either is decided, learned and committed in the order in which it comes. A label can be given for the last ${count(REACH)} items of its partition, whatever their
verdict, and for all that are in its memory; one that overtakes its sample waits for it for as many items, and then counts as shown with it. The newest label of an item holds: another one corrects it ([what that changes](corrections.md)), the same one again
changes nothing. Whatever \`labels.reveal\` says of the labels in samples, label events are always learned. Each gives an amendment in the decisions topic, with the suspicion that the label is wrong as it was before it was
learned. Where what is learned later speaks otherwise of a label, whether it came with the sample or after it, the item gets another amendment as long as it is in the memory
([second look](decisions/second-look.md)). What cannot be used is a dead letter. A topic of labels that is added to a pipeline, or taken away, needs all workers stopped and started.

Boxes of a sample's label that cannot be used are left out and counted, and the sample is decided without them ([annotations.md](annotations.md)); a label event has to be good as a whole.

## What partitions tell each other

With \`sharing\` each partition writes to the topic \`sinks.kafka.clusters\`, whenever a batch passes a multiple of ${TELL_EVERY} items and in the transaction of that batch, what has changed of its clusters (centroid, decayed weight, counts per class) and how it
stands (items decided, rate of arrivals, the scores it sees, how its embeddings vary, tokens of the budget it has handed to others); a cluster that is gone is a tombstone. Each worker reads all of that topic, in a consumer group of its own for as long as it lives, and each of its
partitions hears what is new before its next batch. What it hears is logged in its state with the place where it took effect: whoever takes the partition over goes on from there, and a replay gives the same decisions. Whether something is heard one batch
earlier or later depends on the moment, so two runs over the same input need not decide alike. \`budget.rate\` is divided by the partitions' arrivals; without sharing it needs \`per: stream\`. To switch sharing on or off, stop all workers and start them again.

## Train and validation

With \`validation_share\` each admitted item says which set it is for. The side is drawn by the id of its cluster and never changes. Clusters and near-duplicates are known within a partition: no two items of one partition that are near-duplicates are admitted, to whichever side, but two partitions
can each admit a picture of the same scene, one for either side. So give a camera, or whatever shows the same scene, one key, and with it one partition. There is no guard against another run as \`curate --guard DIR\` has it: that reads a finished folder once at the start, and
a stream has none. Two pipelines over the same samples, one for each purpose, would admit the same pictures: divide one by \`validation_share\`.

## Other settings and numbers of partitions

Each partition has in its state what it was worked on with: the number of partitions, seed, model, purpose, \`validation_share\`, budget, policy, \`images.fit\` and \`labels.reveal\`, with the seq from which they hold. A worker that takes a partition over with another number of partitions
ends with exit code 78 (\`SLUICE_E_TOPICS\`), and so does one with other settings (\`SLUICE_E_CONFIG_CHANGED\`, each that differs by name; a version of Sluice with other defaults differs too). To go on with other settings, start the workers with
\`sluice run --change\`, all at once or one after another: what a partition decides from then on it decides with the new ones. A worker that still has the old settings and no \`--change\` cannot take such a partition back: it ends, and is to be started with the new file.
A partition is taken over with its first message, and that is when its settings are compared and changed: keep \`--change\` until each has had one, or a quiet camera that wakes up later ends the worker that was started without it. Then start no more of them with \`--change\`: two that have it and differ would take a partition from each other, each with its own. Another model is refused always, since its embeddings cannot be compared with those in the state: give the
pipeline another name and other topics for all but the samples and labels.

## Variables

\`\${VAR}\` is the value of a variable of the environment, \`\${VAR:default}\` has a default where it is not set, and \`$\${\` is a plain \`\${\`. A variable that is not set and has no default is a fault.
A value is never read as YAML: it cannot bring in settings. Outside of quotes \`true\`, \`false\` and numbers are taken as such, within quotes everything is text. In braces or brackets put it in quotes, or editors take it for YAML.

Aliases, tags, names that come twice, files of more than 1 MB and groups nested more than 40 deep are refused.

## Secrets

A password or key is never in the file: \`{env: NAME}\` says which variable holds it, \`{file: PATH}\` which file (line ends behind it do not count). It is read when the pipeline starts; \`lint\` and \`test\` do not need it.
No log, report or error shows it.

## Editors

\`sluice lint --schema > pipeline.schema.json\` writes a JSON Schema (draft 7), \`--schema test\` that of config tests. For editors with the YAML language server the first line of a pipeline file can be
\`# yaml-language-server: $schema=pipeline.schema.json\`. The schema knows names, kinds and bounds; \`lint\` also knows what belongs together.

## Config tests

A \`*.test.yaml\` beside the pipeline file says what its budget and policy are to do. \`sluice test FILE.test.yaml\`, or \`sluice test FOLDER\`, runs the real operators from \`recall\` on and the real engine over made-up
items: no Kafka, no model, no pictures. The last line is \`N passed, N failed\`; exit 1 where one fails, 78 where a file has a fault.

${example('pipeline.test.yaml')}

An item has one of \`embedding\` (a direction), \`like\` with \`similarity\` (to an item before it), and \`copy_of\` (the same file); with none of them it is like nothing else. The vectors are the same in every run.
What an item is not told to be expected as may have any verdict.

${table(COLUMNS, settingRows(schemaOf(casesSpec('.'))))}

## Stopping

The first SIGTERM, SIGINT or SIGHUP ends a worker when what it has taken is written and it has left the group (exit code 0); the second ends it at once. A drain takes as long as the batch under way, and about a minute at most where the broker
does not answer any more: what could not be written then is decided by the next worker, and the last line says so. Nothing is decided twice or lost either way.

## Messages that are too large

The id and the stream of a sample have at most 8 KiB each, a reference 8,192 characters, its label and its origin 256 KiB: decisions and state repeat them. Longer ones make a dead letter. The topic of the dead letters has to take what the topic of the samples takes and
64 KiB more, and those of decisions, alerts, clusters and changelog 1 MiB; where Sluice makes them, they do, and where it does not, that is checked at start.

## HTTP

| path | answer |
|---|---|
| \`/ping\`, \`/live\` | 200 as long as the process runs |
| \`/ready\` | 200 when the worker can take items, else 503; \`{"ready", "reasons"}\` says what it waits for |
| \`/version\` | \`{"version", "node"}\` |
| \`/metrics\` | for Prometheus |

They are on the loopback address unless \`http.host\` says otherwise: they ask for no password.

## Metrics

All have the label \`pipeline\`.

${table(['metric', 'kind', 'labels', 'meaning'], Object.values(METRICS).map(({ name, type, labels, help }) => `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`))}
`;
}

function count(n: number): string {
  return n.toLocaleString('en');
}

function example(name: string): string {
  return `\`\`\`yaml\n${readFileSync(new URL(`../../examples/${name}`, import.meta.url), 'utf8')}\`\`\``;
}
