import { spawnSync } from 'node:child_process';
import { register } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import { METRICS, type Definition } from '../../../../infra/metrics/definitions.ts';
import { watchLoopDelay } from '../../../../infra/metrics/loop-delay.ts';
import { openMetrics, type Metrics } from '../../../../infra/metrics/metrics.ts';
import { until } from '../../../support/cli.ts';

const open: Metrics[] = [];
afterEach(() => open.splice(0).forEach((metrics) => metrics.close()));

function made(pipeline = 'p'): Metrics {
  const metrics = openMetrics(pipeline, '1.2.3');
  open.push(metrics);
  return metrics;
}

/** The samples of an exposition, without the label that all have. */
async function samples(metrics: Metrics): Promise<ReadonlyMap<string, number>> {
  const lines = (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')).replace(/,?pipeline="[^"]*"/, '').replace('{,', '{').replace('{}', ''), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

test('each is told by its call', async () => {
  const metrics = made();
  metrics.decided('admit', 'above_cut');
  metrics.decided('reject', 'below_cut', 5);
  metrics.decided('reject', 'below_cut', 2);
  metrics.dead('SLUICE_E_IMAGE_EMPTY', 2);
  metrics.faults('SLUICE_E_ANNOTATION_BOX', 3);
  metrics.faults('SLUICE_E_ANNOTATION_BOX', 4);
  metrics.duplicates(4);
  metrics.labels({ learned: 3, waiting: 2, repeated: 1, forgotten: 0, unused: 0 });
  metrics.labels({ learned: 1, waiting: 0, repeated: 0, forgotten: 2, unused: 5 });
  metrics.alert('novel');
  metrics.pending('ops', 5);
  metrics.pending('ops', 2);
  metrics.delivery('ops', 'delivered');
  metrics.delivery('ops', 'dropped', 3);
  metrics.lag('samples', 3, 120);
  metrics.lag('samples', 3, 90);
  metrics.inFlight(64);
  metrics.inFlight(0);
  metrics.clusters(3, { live: 80, cold: 0 });
  metrics.clusters(3, { live: 81, cold: 2 });
  metrics.embedded(16, 0.2);
  metrics.transaction('committed');
  metrics.rebalance();
  metrics.restored(4);
  const found = await samples(metrics);
  expect(Object.fromEntries([...found].filter(([name]) => !/_bucket|loop_delay|resident/.test(name)))).toEqual({
    'sluice_items_decided_total{verdict="admit",reason="above_cut"}': 1,
    'sluice_items_decided_total{verdict="reject",reason="below_cut"}': 7,
    'sluice_dead_letters_total{code="SLUICE_E_IMAGE_EMPTY"}': 2,
    'sluice_annotation_faults_total{code="SLUICE_E_ANNOTATION_BOX"}': 7,
    sluice_duplicates_skipped_total: 4,
    'sluice_label_events_total{outcome="forgotten"}': 2,
    'sluice_label_events_total{outcome="learned"}': 4,
    'sluice_label_events_total{outcome="waiting"}': 2,
    'sluice_label_events_total{outcome="repeated"}': 1,
    'sluice_label_events_total{outcome="unused"}': 5,
    'sluice_alerts_total{kind="novel"}': 1,
    'sluice_alert_deliveries_pending{sink="ops"}': 2,
    'sluice_alert_deliveries_total{sink="ops",outcome="delivered"}': 1,
    'sluice_alert_deliveries_total{sink="ops",outcome="failed"}': 0,
    'sluice_alert_deliveries_total{sink="ops",outcome="dropped"}': 3,
    'sluice_consumer_lag_messages{topic="samples",partition="3"}': 90,
    sluice_items_in_flight: 0,
    'sluice_clusters{partition="3",tier="live"}': 81,
    'sluice_clusters{partition="3",tier="cold"}': 2,
    sluice_embedding_duration_seconds_sum: 0.2,
    sluice_embedding_duration_seconds_count: 1,
    sluice_images_embedded_total: 16,
    // Outcomes that have not come yet are 0, not missing.
    'sluice_transactions_total{outcome="committed"}': 1,
    'sluice_transactions_total{outcome="aborted"}': 0,
    'sluice_transactions_total{outcome="unknown"}': 0,
    'sluice_transactions_total{outcome="fenced"}': 0,
    sluice_rebalances_total: 1,
    sluice_restore_duration_seconds_sum: 4,
    sluice_restore_duration_seconds_count: 1,
    'sluice_build_info{version="1.2.3"}': 1,
  });
  expect(found.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  expect(found.get('sluice_embedding_duration_seconds_bucket{le="0.1"}')).toBe(0);
  expect(found.get('sluice_embedding_duration_seconds_bucket{le="0.25"}')).toBe(1);
});

test('the figures of a partition that was lost are no longer told', async () => {
  const metrics = made();
  metrics.lag('samples', 1, 5);
  metrics.lag('labels', 1, 6);
  metrics.lag('samples', 2, 7);
  metrics.clusters(1, { live: 8, cold: 1 });
  metrics.clusters(2, { live: 9, cold: 3 });
  metrics.lost(1);
  metrics.lost(9);
  expect([...(await samples(metrics))].filter(([name]) => name.includes('partition='))).toEqual([
    ['sluice_consumer_lag_messages{topic="samples",partition="2"}', 7],
    ['sluice_clusters{partition="2",tier="live"}', 9],
    ['sluice_clusters{partition="2",tier="cold"}', 3],
  ]);
});

test('two workers in one process do not meet, nor anybody else who uses prom-client', async () => {
  const [one, other] = [made('one'), made('other')];
  one.rebalance();
  expect((await samples(other)).get('sluice_rebalances_total')).toBe(0);
  expect(await one.text()).toContain('sluice_rebalances_total{pipeline="one"} 1\n');
  expect(register.getMetricsAsArray()).toEqual([]);
});

describe('names', () => {
  test.for(Object.values(METRICS) as Definition[])('$name follows the rules of Prometheus', ({ type, name, help, labels, buckets }) => {
    expect(name).toMatch(/^(sluice|process)(_[a-z]+)+$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    expect([...(buckets ?? [])]).toEqual([...(buckets ?? [])].sort((a, b) => a - b));
    expect(help).toMatch(/^[A-Z].*\.$/);
    for (const label of labels) expect(label).toMatch(/^[a-z]+$/);
    // Would collide with what every metric has, or with a histogram's own.
    expect(labels).not.toContain('pipeline');
    expect(labels).not.toContain('le');
  });

  test('all are shown with kind and help', async () => {
    const text = await made().text();
    for (const { name, type, help } of Object.values(METRICS)) expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
  });
});

test('a blocked event loop shows in its delay; after closing nothing is looked at', async () => {
  const seen: number[] = [];
  const end = watchLoopDelay((seconds) => seen.push(seconds));
  await until('a first look', () => seen.length > 0);
  const before = seen.length;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
  await until('a look after the pause', () => seen.length > before);
  end();
  expect(Math.max(...seen)).toBeGreaterThan(0.3);
  const after = seen.length;
  await new Promise((resolve) => setTimeout(resolve, 350));
  expect(seen.length).toBe(after);
});

test('neither an open nor a closed one keeps a process alive', () => {
  const url = new URL('../../../../infra/metrics/metrics.ts', import.meta.url).href;
  for (const close of ['', 'm.close(); m.close();']) {
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', `import { openMetrics } from '${url}'; const m = openMetrics('p', '1'); ${close}`], { timeout: 30_000, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  }
});
