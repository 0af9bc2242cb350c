/** A pipeline over cameras: opens the parts, decides until it is stopped, closes everything. */
import { openIndex } from '../../infra/faiss/index.ts';
import { openHttp } from '../../infra/http/server.ts';
import { MediaProcess } from '../../infra/media/ffmpeg.ts';
import { SharpDecoder } from '../../infra/media/sharp-decoder.ts';
import { SharpThumbnails } from '../../infra/media/thumbnail.ts';
import { type Metrics, openMetrics } from '../../infra/metrics/metrics.ts';
import { timedEmbedder } from '../../infra/metrics/timed-embedder.ts';
import { openEmbedder } from '../../infra/onnx/pool.ts';
import { Cameras } from '../../infra/sources/cameras/cameras.ts';
import { MediaFolder } from '../../infra/store/media.ts';
import { openStore } from '../../infra/store/sqlite.ts';
import type { RunConfig } from '../../infra/store/types.ts';
import type { Batch, Embedder } from '../../operators/ports.ts';
import { NO_CAMPAIGNS } from '../../operators/state/campaigns.ts';
import { Engine, type EngineSettings } from '../../operators/state/engine.ts';
import { Reservoir } from '../../operators/state/reservoir.ts';
import { openDelivery } from '../alerts/open.ts';
import { CampaignFile } from '../campaigns.ts';
import { closing } from '../closing.ts';
import type { CamerasConfig } from '../config/cameras.ts';
import type { Environment } from '../config/yaml/variables.ts';
import { changeModel } from '../reembed/change-model.ts';
import { Retention } from '../retention.ts';
import { checkUnchanged, settingsOf } from '../run-config.ts';
import { cameraEvents } from './events.ts';
import { feedOf, silentAfter } from './feeds.ts';
import { live } from './live.ts';
import { Silences } from './silences.ts';
import { readModel } from '../config/model.ts';

/**
 * @param change whether to go on where the folder was made with other settings
 * @param say is told what an operator wants to know, a line each
 */
export function runCameras(config: CamerasConfig, change: boolean, env: Environment, version: string, signal: AbortSignal, say: (line: string) => void): Promise<void> {
  return closing(async (later) => {
    const { name, source, out, workers, fit, seed } = config;
    if (source.cameras.some(({ folder }) => folder === undefined)) await checkFfmpeg();
    const store = openStore(out);
    later(() => store.close());
    const embedder = await openEmbedder(workers, config.model === undefined ? undefined : readModel(config.model));
    later(() => embedder.close());
    const index = await openIndex(embedder.dimension);
    later(() => index.close());
    const decoder = new SharpDecoder(embedder.size, fit);
    const campaigns = config.campaigns === undefined ? null : await CampaignFile.open(config.campaigns, { decoder, embedder }, say);
    later(async () => campaigns?.close());
    const settings = engineSettings(config, embedder);
    const identity = `cameras:${name}`;
    const run: RunConfig = { ...settingsOf(settings, { model: embedder.identity, fit, objects: 0 }), source: identity, labels: null, predictions: null, guard: null, known: null, gate: config.gate };
    const was = store.lastRun()?.config ?? null;
    checkUnchanged(was, run, change);
    if (was !== null && was.model !== run.model) await changeModel(store, run, { embedder, given: null, workers, signal, say: process.stderr });
    const engine = new Engine(settings);
    engine.restore(store.state(), (seq) => store.embedding(seq));
    store.recordRun(store.nextSeq, run);
    const metrics = openMetrics(name, version);
    later(() => metrics.close());
    const delivery = openDelivery({ config, store, env, events: metrics, say });
    later(() => delivery.close());
    const onRecord = store.onRecord(identity);
    const connecting = source.cameras.filter(({ folder }) => folder === undefined).map((camera) => camera.name);
    const events = cameraEvents(connecting, metrics, say, () => performance.now());
    const feeds = source.cameras.map((camera) => {
      const feed = feedOf(camera, { seed, glimpses: config.gate === 'on' }, events, env, { settled: (id) => onRecord(id).ofSource > 0, lastTime: (stream) => store.lastTime(stream) });
      return { feed, after: silentAfter(camera) };
    });
    const cameras = new Cameras(feeds.map(({ feed }) => feed));
    later(() => cameras.close());
    const silences = new Silences(feeds.flatMap(({ feed, after }) => (after === null ? [] : [{ feed, after }])), () => performance.now());
    // Ready as long as one camera is there: the others are told of by metrics and alerts.
    const waitingFor = (): readonly string[] => (events.away.length < feeds.length ? [] : events.away.map((camera) => `no frames come from camera ${camera}`));
    const http = await openHttp({ ...config.http, version, waitingFor, metrics });
    later(() => http.close());
    say(`${name}: health and metrics at ${http.url}`);
    const media = new MediaFolder(store.dir);
    const rejects = new Reservoir(config.rejected_thumbnails, seed, store.picturedRejects());
    const limits = { age: config.retention.age ?? null, size: config.retention.size ?? null };
    const runs = store.runs();
    const kept = { pruner: store.pruner(), media, runs: () => runs, nextSeq: () => store.nextSeq, needs: () => engine.needs(), left: (seqs: readonly number[]) => rejects.leave(seqs) };
    const retention = limits.age === null && limits.size === null ? null : new Retention(limits, kept);
    const timed = timedEmbedder(embedder, (pictures, seconds) => metrics.embedded(pictures, seconds));
    const parts = { cameras, silences, onRecord, decoder, thumbnails: new SharpThumbnails(embedder.size), media, retention, embedder: timed, workers, objects: 0, index, campaigns: () => campaigns?.current() ?? NO_CAMPAIGNS, rejects, store, engine };
    cameras.start();
    // A sink that logs says more of them.
    const sayAlert = config.alerts.some(({ log }) => log === true) ? (): void => {} : say;
    await live(parts, signal, (batch) => {
      told(batch, metrics, sayAlert);
      if (batch.alerts.length > 0) delivery.raised();
    }, () => Date.now());
    const { decided, admitted } = store.totals();
    say(`${name}: stopped; ${decided} decided in all, ${admitted} admitted, all written to ${out}`);
  });
}

/** @throws SluiceError SLUICE_E_FFMPEG */
async function checkFfmpeg(): Promise<void> {
  await new MediaProcess('ffmpeg', ['-hide_banner', '-version'], 1).end();
}

function engineSettings({ policy, purpose, validation_share, budget, seed, health }: CamerasConfig, { dimension }: Embedder): EngineSettings {
  return { policy, purpose, validationShare: validation_share, budget: 'rate' in budget ? budget.rate : budget.share, per: budget.per, seed, reveal: { when: 'never' }, lateLabels: true, objects: false, health, dimension };
}

function told({ decisions, dead, alerts, clusters }: Batch, metrics: Metrics, say: (line: string) => void): void {
  for (const { verdict, reasons } of decisions) metrics.decided(verdict, reasons[0]?.code ?? 'none');
  for (const { code } of dead) metrics.dead(code);
  for (const { kind, streams } of alerts) {
    metrics.alert(kind);
    say(`alert ${kind}: ${streams.join(', ')}`);
  }
  metrics.clusters(0, clusters);
}
