/**
 * What is committed to the clusters topic, as far as this worker has read it: the newest of each key, for the lanes to hear. Clusters that are there are
 * bounded by what each partition keeps; of those that are gone the last `GONE` are held.
 */
import type { KafkaMessage } from 'kafkajs';
import { SluiceError } from '../../schemas/errors.ts';
import { toldOf } from '../../schemas/records-cluster.ts';
import type { ClusterRecord } from '../../schemas/records.ts';
import type { Told } from '../../schemas/told.ts';
import { messageFault } from './samples.ts';

/** Whoever has not heard of more than these keeps what is gone until it has faded. */
const GONE = 10_000;
/** Of records that are heard at once, one more at most: they are logged as one record, which has to fit into a message of the usual 1 MB. */
const HEARD_BYTES = 256 * 1024;

interface Entry {
  readonly told: Told;
  readonly offset: number;
  readonly bytes: number;
}

/** The last offset heard of each partition. */
export type Heard = ReadonlyMap<number, number>;

export class News {
  /** In the order in which they came. */
  readonly #newest = new Map<string, Entry>();
  /** Keys of those that are gone. */
  readonly #gone = new Set<string>();

  /**
   * Takes in committed messages of one partition, in order, each once.
   * @param read decodes a message's value. @param unread is told of those that nobody can understand
   * @throws SluiceError SLUICE_E_REGISTRY_… for what is not the message's fault
   */
  async take(partition: number, messages: readonly KafkaMessage[], read: (value: Buffer) => Promise<ClusterRecord> | ClusterRecord, unread: (offset: string, error: SluiceError) => void): Promise<void> {
    for (const { key, value, offset } of messages) {
      try {
        const name = key?.toString() ?? '';
        const told = toldOf(name, value === null ? null : await read(value));
        if (told?.partition !== partition) throw new SluiceError('SLUICE_E_RECORD_CORRUPT', `the record says nothing of partition ${partition}`);
        this.#put(name, { told, offset: Number(offset), bytes: value?.length ?? 0 });
      } catch (thrown) {
        unread(offset, messageFault(thrown));
      }
    }
  }

  #put(key: string, entry: Entry): void {
    for (const known of [this.#newest, this.#gone]) known.delete(key);
    this.#newest.set(key, entry);
    if (!('sketch' in entry.told && entry.told.sketch === null)) return;
    this.#gone.add(key);
    const [oldest] = this.#gone;
    if (this.#gone.size <= GONE || oldest === undefined) return;
    for (const known of [this.#newest, this.#gone]) known.delete(oldest);
  }

  /** What has not been heard, the oldest first, as far as it may be heard at once. @param but the partition that is told nothing of itself */
  since(heard: Heard, but: number): { readonly told: readonly Told[]; readonly heard: Heard } {
    const told: Told[] = [];
    const now = new Map<number, number>();
    let size = 0;
    for (const { told: one, offset, bytes } of this.#newest.values()) {
      const { partition } = one;
      if (partition === but || offset <= (heard.get(partition) ?? -1)) continue;
      if (size > HEARD_BYTES) break;
      size += bytes;
      told.push(one);
      now.set(partition, offset);
    }
    return { told, heard: now };
  }
}
