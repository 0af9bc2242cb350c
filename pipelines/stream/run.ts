/** A worker of the pipeline over Kafka: works until it is asked to stop, and begins again where Kafka was away. */
import { setTimeout as sleep } from 'node:timers/promises';
import { kafkaError } from '../../infra/kafka/failure.ts';
import { isRetriable } from '../../schemas/errors.ts';
import { workOnce, type WorkerEvents, type WorkerParts, type WorkerSettings } from './session.ts';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/** Works until the signal. @throws what trying again cannot mend: SluiceError SLUICE_E_TOPICS, SLUICE_E_CONFIG_CHANGED, SLUICE_E_KAFKA_DENIED, SLUICE_E_UNSUPPORTED */
export async function runWorker(settings: WorkerSettings, parts: WorkerParts, events: WorkerEvents, signal: AbortSignal): Promise<void> {
  let waitMs = FIRST_WAIT_MS;
  const settled: WorkerEvents['settled'] = (partition, batch) => {
    waitMs = FIRST_WAIT_MS;
    events.settled(partition, batch);
  };
  while (!signal.aborted) {
    try {
      return await workOnce(settings, parts, { ...events, settled }, signal);
    } catch (thrown) {
      const error = kafkaError(thrown);
      if (!isRetriable(error)) throw error;
      // Whoever asked for the end need not hear that the broker was gone by then: nothing that was taken is lost.
      if (signal.aborted) return;
      events.failed(error, waitMs);
      await sleep(waitMs, undefined, { signal }).catch(() => {});
      waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    }
  }
}
