/** docs/cameras.md: the file of a pipeline over cameras, and what it does with them. */
import { readFileSync } from 'node:fs';
import { METRICS } from '../../infra/metrics/definitions.ts';
import { camerasSpec, MOST_CAMERAS } from './cameras.ts';
import { settingRows } from './docs-settings.ts';
import { table } from './docs.ts';
import { schemaOf } from './json-schema.ts';

export function camerasPage(): string {
  const { framesDropped, cameraConnected, cameraLost } = METRICS;
  return `# Cameras

\`sluice run cameras.yaml\` decides the frames of live cameras until it is stopped (SIGINT, SIGTERM: it ends after the batch under way, exit code 0). The verdicts are in one folder, which \`export\`, \`explain\`, \`report\` and \`alerts\` read, also meanwhile. The same command again goes on with what it has
learned. \`sluice lint\` checks the file and \`sluice lint --schema cameras\` writes its JSON Schema; variables and secrets are as in [every pipeline file](pipeline.md#variables).

\`\`\`yaml
${readFileSync(new URL('../../examples/cameras.yaml', import.meta.url), 'utf8')}\`\`\`

## What comes from where

- \`url\`: RTSP (over TCP, if nothing else is said), or HTTP with motion JPEG, a video or an HLS playlist, read by the system's ffmpeg (5.1 or newer), one process a camera. An address may have no user and password in it; \`username\` and \`password\` say where they are. No log, error or id shows them; the list of
  processes of the machine does, to whoever may see the processes of this user: ffmpeg takes an address in no other way. An HLS playlist, like any answer over HTTP, may lead ffmpeg to other addresses over HTTP, but to no file.
- \`device\`: a webcam, through Video4Linux.
- \`folder\`: something writes pictures into it or below it. A file is decided once, when its size and time have not changed for half a second; hidden names are passed over, so write under a hidden name and rename. A file that is written over later is not decided again. Its time is that of its last change.

The frames of a camera are one stream, with its name. The id of a frame is \`gate/2026-03-02T11:00:00.000Z\`: the moment at which the first frame of the connection came, and from there on the time of the stream, which does not jitter as a network does. It only rises, and where it runs more than 5 s away
from the clock of the machine it is set by it anew. Where that clock is set back, times go on at half the pace until it has caught up, so that a budget per time goes on too; a run that starts meanwhile goes on from the last frame on record, where that is up to a day ahead of the clock. Where the clock is set far ahead the
alert \`health.clock\` is raised ([why](decisions/clock.md)). Waits, silences and the delivery of alerts go by a clock that is never set. Files of a folder have the ids \`line-1/NAME\`. Frames that are admitted are kept in \`DIR/media\`.

## When more comes than can be decided

Each camera has room for one frame that waits: **the newest wins**. The one that it takes the place of is counted (\`${framesDropped.name}\`), and a line says so, once a minute at most; \`fps\` asks for fewer. Cameras are asked in turn, so none starves the others. A file of a folder is never dropped: it waits
where it is.

What waits is decided at once, however little: a frame never waits for a batch to fill. Held at any time, at most: for each camera a frame that waits and one that is being read, a batch of 32 frames, and of a folder the names of its files. ${MOST_CAMERAS} cameras at most.

## When a camera fails

It is tried again, after 0.25 to 0.5 s, then after up to twice as long each time, up to 30 s; part of the wait is drawn, so that cameras behind one switch do not all come back at once. The first frame that comes begins it anew. A connection ends where the stream ends, where ffmpeg cannot make
anything of it, and where no frame comes for \`stall_after\`. Why is said once until frames come again, or the reason changes. Nobody else is held up.

From which nothing has come for \`silent_after\`, that camera raises the alert \`health.silent\`, also when no other frame comes; it does not raise another before a frame of it was decided, not even after a restart. The alert stands in the log of the state with the place at which it took effect, like everything that comes from outside the stream.

## As a service

[examples/systemd/sluice@.service](../examples/systemd/sluice@.service) starts \`/etc/sluice/NAME.yaml\` with the machine and again after a crash, and [examples/cameras.compose.yaml](../examples/cameras.compose.yaml) does so in a container. Where the alerts go: [delivery](delivery.md).

## HTTP and metrics

\`/live\`, \`/ready\`, \`/version\` and \`/metrics\` are [those of a worker](pipeline.md#http). Ready is a run with at least one camera from which frames come, or a folder. Beside the metrics of a worker that are not about Kafka there are

${table(['metric', 'kind', 'labels', 'meaning'], [framesDropped, cameraConnected, cameraLost].map(({ name, type, labels, help }) => `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`))}

## Settings

${table(['setting', 'value', 'default', 'meaning'], settingRows(schemaOf(camerasSpec('.')), { policy: 'Weights and thresholds: [policy.md](policy.md).' }))}
`;
}
