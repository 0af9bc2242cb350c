/** Messages of the samples topic as entries of a pipeline. What cannot be understood keeps its place as a failed entry. */
import { createHash } from 'node:crypto';
import type { KafkaMessage } from 'kafkajs';
import { checkUri } from '../../infra/objects/store.ts';
import type { Embedded, Failed, Numbered } from '../../operators/items.ts';
import type { Entry, ImageInput } from '../../operators/ports.ts';
import type { Quality } from '../../schemas/decision.ts';
import { asSluiceError, SluiceError } from '../../schemas/errors.ts';
import { usableLabelOf, usablePredictionsOf } from '../../schemas/records-label.ts';
import { vectorOf } from '../../schemas/records-vector.ts';
import type { SampleRecord } from '../../schemas/records.ts';
import type { Sample } from '../../schemas/sample.ts';

/** Where a message stands. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** A message, understood as far as it can be. */
export interface Arrival {
  readonly message: KafkaMessage;
  readonly entry: Entry;
  /** Null where the message carries an embedding, or nothing that could be understood. */
  readonly image: ImageInput | null;
  readonly embedding: Float32Array | null;
}

/** An arrival with its place in the order of its partition. */
export interface Placed {
  readonly seq: number;
  readonly arrival: Arrival;
}

/** Nobody saw the picture: within every bound of the policy. */
const UNKNOWN: Quality = { brightness: 0.5, contrast: 0.25, sharpness: 1000, width: 0, height: 0 };
const NO_PICTURE = new Uint8Array();
/** How far from 1 the length of an embedding may be. */
const TOLERANCE = 1e-3;

/**
 * Texts of a message, in bytes, at most. A decision and a state record repeat them, an id twice, and have to fit into a message of the usual 1 MB: one that
 * does not would stop its partition for good.
 */
export const NAME_BYTES = 8 * 1024;
const NOTES_BYTES = 256 * 1024;

/** @param read decodes the message's value. @throws SluiceError SLUICE_E_REGISTRY_… for what is not the message's fault */
export async function arrivalOf({ topic, partition }: Place, message: KafkaMessage, read: (value: Buffer) => Promise<SampleRecord> | SampleRecord, dimension: number): Promise<Arrival> {
  const uri = `kafka:${topic}/${partition}/${message.offset}`;
  let id = uri;
  try {
    if (message.value === null) throw new SluiceError('SLUICE_E_RECORD_CORRUPT', 'the message is empty');
    const record = await read(message.value);
    checkSize('id', record.id, NAME_BYTES);
    id = record.id;
    checkSize('stream', record.stream, NAME_BYTES);
    checkSize('origin', record.origin, NOTES_BYTES);
    checkSize('label', record.label, NOTES_BYTES);
    checkSize('predictions', record.predictions, NOTES_BYTES);
    const image = imageOf(record);
    // A decision repeats it even where it need not be followed.
    if (image !== null && 'reference' in image) checkUri(image.reference.uri);
    const embedding = record.embedding === null ? null : unitVector(record.embedding, dimension);
    if (image === null && embedding === null) throw new SluiceError('SLUICE_E_RECORD_CORRUPT', 'the sample has neither an image nor an embedding');
    const place = image !== null && 'reference' in image ? image.reference.uri : uri;
    const sample = { id, uri: place, stream: record.stream, time: record.time, ...annotationsOf(record), origin: record.origin };
    return { message, entry: { sample }, image: embedding === null ? image : null, embedding };
  } catch (thrown) {
    return { message, entry: { id, error: messageFault(thrown) }, image: null, embedding: null };
  }
}

/** @throws SluiceError SLUICE_E_LABEL_INVALID */
function annotationsOf({ label: json, predictions }: SampleRecord): Pick<Sample, 'label' | 'predicted' | 'faults'> {
  const { label, faults } = usableLabelOf(json);
  const predicted = predictions === null ? null : usablePredictionsOf(predictions);
  const told = [...faults, ...(predicted?.faults ?? [])];
  return { label, ...(predicted === null ? {} : { predicted: predicted.label ?? [] }), ...(told.length > 0 ? { faults: told } : {}) };
}

/** Why a message could not be understood. @throws where that is not the message's fault */
export function messageFault(thrown: unknown): SluiceError {
  const error = asSluiceError(thrown, 'SLUICE_E_RECORD_CORRUPT');
  if (error.code.startsWith('SLUICE_E_REGISTRY_')) throw error;
  return error;
}

/** @throws SluiceError where it is larger */
export function checkSize(what: 'id' | 'stream' | 'origin' | 'label' | 'predictions', text: string | null, most: number): void {
  const bytes = Buffer.byteLength(text ?? '');
  if (bytes > most) throw new SluiceError(what === 'label' || what === 'predictions' ? 'SLUICE_E_LABEL_INVALID' : 'SLUICE_E_RECORD_CORRUPT', `${what}: ${bytes} bytes are more than ${most}`);
}

function imageOf({ image }: SampleRecord): ImageInput | null {
  if (image === null) return null;
  return 'sluice.InlineImage' in image ? { bytes: image['sluice.InlineImage'].bytes } : { reference: image['sluice.ImageReference'] };
}

function unitVector(bytes: Buffer, dimension: number): Float32Array {
  const vector = vectorOf(bytes);
  if (vector.length !== dimension) throw new SluiceError('SLUICE_E_RECORD_CORRUPT', `the embedding has ${vector.length} numbers, not ${dimension}`);
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (!(Math.abs(length - 1) <= TOLERANCE)) throw new SluiceError('SLUICE_E_RECORD_CORRUPT', `the embedding is of length ${length.toPrecision(3)}, not 1`);
  return vector;
}

export function idOf({ entry }: Arrival): string {
  return 'sample' in entry ? entry.sample.id : entry.id;
}

/** The entry with its seq; null for one that has its embedding already. */
export function numbered({ entry, embedding }: Arrival, seq: number): Numbered | null {
  return embedding === null ? { ...entry, seq } : null;
}

/** The item that a message with an embedding is; null for others. */
export function embedded({ entry, embedding }: Arrival, seq: number): Embedded | Failed | null {
  if (embedding === null) return null;
  if ('error' in entry) return { seq, ...entry };
  const digest = createHash('sha256').update(new Uint8Array(embedding.buffer)).digest('hex');
  return { seq, sample: entry.sample, quality: UNKNOWN, digest, small: NO_PICTURE, embedding, objects: [] };
}
