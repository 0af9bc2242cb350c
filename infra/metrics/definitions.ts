/**
 * The metrics of a worker: `sluice_<what>_<unit>`, `_total` for what only grows (https://prometheus.io/docs/practices/naming).
 * Labels take few values: never an id or a stream; of cameras there are as many as a pipeline names.
 */
export interface Definition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

const SHORT = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LONG = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

export const METRICS = {
  items: { type: 'counter', name: 'sluice_items_decided_total', help: 'Items decided, by verdict and the reason that decided.', labels: ['verdict', 'reason'] },
  dead: { type: 'counter', name: 'sluice_dead_letters_total', help: 'Messages that could not be decided, by the code of the error.', labels: ['code'] },
  faults: { type: 'counter', name: 'sluice_annotation_faults_total', help: 'Annotations that images were decided without, by the code of what is wrong with them.', labels: ['code'] },
  duplicates: { type: 'counter', name: 'sluice_duplicates_skipped_total', help: 'Redelivered items whose decision was committed before.', labels: [] },
  labels: { type: 'counter', name: 'sluice_label_events_total', help: 'Label events: learned, waiting for their items, repeated (the newest label of the item says the same), forgotten (a known item was to be), or unused, which are dead letters, also those that waited in vain.', labels: ['outcome'] },
  alerts: { type: 'counter', name: 'sluice_alerts_total', help: 'Alerts raised, by kind.', labels: ['kind'] },
  deliveries: { type: 'counter', name: 'sluice_alert_deliveries_total', help: 'What became of alerts at a sink: delivered, failed (and tried again), given_up after many tries, muted, or dropped for being too far behind.', labels: ['sink', 'outcome'] },
  deliveriesPending: { type: 'gauge', name: 'sluice_alert_deliveries_pending', help: 'Alerts that a sink has not got yet.', labels: ['sink'] },
  framesDropped: { type: 'counter', name: 'sluice_frames_dropped_total', help: 'Frames of cameras that were not decided, by camera and reason; overtaken: a newer one came before its turn.', labels: ['camera', 'reason'] },
  cameraConnected: { type: 'gauge', name: 'sluice_camera_connected', help: 'Whether frames come from the camera: 1, or 0 while it is tried again.', labels: ['camera'] },
  cameraLost: { type: 'counter', name: 'sluice_camera_connections_lost_total', help: 'Connections to the camera that ended or could not be made.', labels: ['camera'] },
  lag: { type: 'gauge', name: 'sluice_consumer_lag_messages', help: 'Messages of the partition that are not committed yet.', labels: ['topic', 'partition'] },
  inFlight: { type: 'gauge', name: 'sluice_items_in_flight', help: 'Items taken up and not committed yet: of at most three batches a partition.', labels: [] },
  clusters: { type: 'gauge', name: 'sluice_clusters', help: 'Clusters of the partition, by tier: live, or cold for being unseen for long.', labels: ['partition', 'tier'] },
  embedding: { type: 'histogram', name: 'sluice_embedding_duration_seconds', help: 'Time of a call of the embedding model, waiting for a thread included.', labels: [], buckets: SHORT },
  embedded: { type: 'counter', name: 'sluice_images_embedded_total', help: 'Pictures that went through the model: images, and crops of their objects and of what lies beside them.', labels: [] },
  transactions: { type: 'counter', name: 'sluice_transactions_total', help: 'Kafka transactions, by outcome; unknown: the broker did not say whether it was committed.', labels: ['outcome'] },
  rebalances: { type: 'counter', name: 'sluice_rebalances_total', help: 'Times the partitions were shared out anew.', labels: [] },
  restore: { type: 'histogram', name: 'sluice_restore_duration_seconds', help: 'Time to take a partition over: until its state was read.', labels: [], buckets: LONG },
  loopDelay: { type: 'histogram', name: 'sluice_event_loop_delay_seconds', help: 'How much later than due the event loop came round, looked at ten times a second.', labels: [], buckets: SHORT },
  memory: { type: 'gauge', name: 'process_resident_memory_bytes', help: 'Resident memory of the process.', labels: [] },
  info: { type: 'gauge', name: 'sluice_build_info', help: 'Always 1; the label names the version.', labels: ['version'] },
} as const satisfies Record<string, Definition>;
