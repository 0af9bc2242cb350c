/** The file of a pipeline over cameras: one spec gives its type, JSON Schema, lint and docs (docs/cameras.md). */
import { z } from 'zod';
import { REJECTED_THUMBNAILS } from '../../operators/state/reservoir.ts';
import { alertsSpec } from './alerts.ts';
import { commonFields } from './common-fields.ts';
import { allOrNone, path } from './fields.ts';
import { secretRef } from './secret.ts';
import { duration, size } from './units.ts';

/** Each has a process of ffmpeg. */
export const MOST_CAMERAS = 64;
const PLACES = ['url', 'device', 'folder'] as const;

function stream() {
  return z
    .string()
    .regex(/^(rtsps?|https?):\/\/[^\s/?#]/i, 'expected an address that begins with rtsp://, rtsps://, http:// or https://')
    .refine((text) => !/^(rtsps?|https?):\/\//i.test(text) || URL.canParse(text), 'this is no address')
    .refine((text) => credentialsIn(text) === '', 'an address holds no user and password here; each has a setting of its own');
}

function credentialsIn(text: string): string {
  const url = URL.parse(text);
  return url === null ? '' : url.username + url.password;
}

function camera(folder: string) {
  return z
    .strictObject({
      name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'expected up to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit').describe('Name of the camera: the stream of its frames, and the beginning of their ids.'),
      url: stream().optional().meta({ examples: ['rtsp://10.0.0.7:554/stream1'] }).describe('Address of its stream: RTSP, or HTTP with motion JPEG, a video or an HLS playlist; or `device`, or `folder`.'),
      username: secretRef(folder).optional().describe('User name, where the address asks for one.'),
      password: secretRef(folder).optional().describe('Password.'),
      transport: z.enum(['tcp', 'udp']).default('tcp').describe('How RTSP sends the pictures; over udp some get lost.'),
      device: z.string().regex(/^\/dev\/[A-Za-z0-9._/-]+$/, 'expected a device such as /dev/video0').optional().meta({ examples: ['/dev/video0'] }).describe('A webcam (Video4Linux).'),
      folder: path(folder).optional().describe('Folder into which something writes pictures; each file is decided once, none is dropped.'),
      fps: z.number().min(0.001).max(1000).optional().describe('So many frames a second, of what comes; left out: all. Not of a folder.'),
      stall_after: duration('1s', '10m').prefault('10s').describe('Without a frame for so long it is connected anew, but not within the first 15 s of a connection; at least three times 1/fps, as is `silent_after`.'),
      silent_after: duration('1s', '30d').optional().describe('Without a frame for so long the alert `health.silent` is raised, once until frames come again; default: 30s, of a folder never.'),
    })
    .refine((given) => PLACES.filter((name) => given[name] !== undefined).length === 1, 'give one of url, device and folder')
    .refine(({ url, username, password }) => url !== undefined || (username === undefined && password === undefined), 'username and password belong to an url')
    .refine((given) => allOrNone(given, ['username', 'password']), 'username and password come together')
    .refine(({ folder: grows, fps }) => grows === undefined || fps === undefined, { message: 'no file of a folder is left out', path: ['fps'] })
    .meta({ oneOf: PLACES.map((name) => ({ required: [name] })) });
}

/** @param folder what relative paths are relative to */
export function camerasSpec(folder: string) {
  const common = commonFields(folder);
  return z
    .strictObject({
      name: common.name,
      source: z.strictObject({
        cameras: z
          .array(camera(folder))
          .min(1, 'expected at least one camera')
          .max(MOST_CAMERAS, `expected at most ${MOST_CAMERAS} cameras`)
          .refine((cameras) => new Set(cameras.map(({ name }) => name)).size === cameras.length, 'each camera needs a name of its own: one is named twice')
          .describe('Where frames come from.'),
      }),
      out: path(folder).describe('Folder for the verdicts (sluice.db) and the admitted frames (media).'),
      fit: common.fit,
      model: common.model,
      workers: common.workers,
      seed: common.seed,
      budget: common.budget,
      health: z.enum(['on', 'off']).default('on').describe('Alerts on cameras that are covered, dark, over-exposed, out of focus, frozen or moved (docs/health.md). Changes no decision.'),
      gate: z.enum(['on', 'off']).default('on').describe('Frames that show what their camera showed before are rejected without being embedded (docs/gate.md). Not of a folder.'),
      rejected_thumbnails: z.int().min(0).max(10_000_000).default(REJECTED_THUMBNAILS).describe('Thumbnails of rejected frames that are kept, a random sample (docs/rescue.md). Changes no decision.'),
      retention: z
        .strictObject({
          age: duration('1h', '3650d').optional().meta({ examples: ['30d'] }).describe('Frames older than this lose picture, thumbnail and row.'),
          size: size('1GB', '1000000GB').optional().meta({ examples: ['20GB'] }).describe('Pictures and database together are at most so large, by and by: the oldest frames go first.'),
        })
        .prefault({})
        .describe('How long frames are kept, and how much of them (docs/retention.md); left out: for ever. Changes no decision.'),
      purpose: common.purpose,
      validation_share: common.validation_share,
      policy: common.policy,
      campaigns: common.campaigns,
      alerts: alertsSpec(folder),
      http: common.http,
    })
    .refine(({ purpose, validation_share }) => purpose === 'train' || validation_share === 0, { message: 'divides a train pipeline; with purpose: validation all of it is for validation', path: ['validation_share'] });
}

/** A pipeline over cameras as read: defaults filled in, paths absolute, durations in milliseconds, secrets still to be loaded. */
export type CamerasConfig = Readonly<z.output<ReturnType<typeof camerasSpec>>>;

/** One of its cameras. */
export type CameraConfig = CamerasConfig['source']['cameras'][number];
