/**
 * Samples of a source as messages of the samples topic, and their labels as messages of the labels topic. The key of both is the stream, so that a camera's
 * frames, and what is said of them later, meet in the partition that holds its history.
 */
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type { Outgoing } from '../../infra/kafka/partition-log.ts';
import { openRegular } from '../../infra/media/regular-file.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { labelJson } from '../../schemas/records-label.ts';
import type { LabelRecord, SampleRecord } from '../../schemas/records.ts';
import type { Sample } from '../../schemas/sample.ts';

export interface Naming {
  /** Before each id, so that those of several sources differ. */
  readonly prefix: string;
  /** Of samples of which the source names none. */
  readonly stream: string;
}

export interface SampleShape extends Naming {
  readonly topic: string;
  /** Larger files are sent by reference. */
  readonly inlineBytes: number;
  /** The broker takes no larger message. */
  readonly messageBytes: number;
  /** The workers read no larger file. */
  readonly fileBytes: number;
}

/** What a message is larger than its key and value, at most. */
const FRAMING_BYTES = 1024;

export interface Message extends Outgoing {
  readonly value: Buffer;
  /** The file that the message refers to; null where it holds all. */
  readonly refersTo: string | null;
}

/** @param picture of the sample, where that is no file. @returns null for a sample about which there is nothing to say. @throws SluiceError where it cannot be sent */
export type Make = (sample: Sample, picture?: Uint8Array) => Promise<Message | null>;

/** @param encode of the samples topic */
export function samplesOf(shape: SampleShape, encode: (record: SampleRecord) => Buffer): Make {
  const { topic, inlineBytes, messageBytes, fileBytes } = shape;
  return async (sample, picture) => {
    const bytes = picture === undefined ? await wholeFile(sample.uri, fileBytes) : Buffer.from(picture);
    const { id, stream } = named(sample, shape);
    const message = (image: SampleRecord['image'], refersTo: string | null): Message => {
      const value = encode({ id, stream, time: sample.time, image, label: labelJson(sample.label), predictions: sample.predicted === undefined ? null : JSON.stringify(sample.predicted), embedding: null, origin: sample.origin });
      return { topic, key: stream, value, refersTo };
    };
    const fits = ({ value }: Message): boolean => value.length + Buffer.byteLength(stream) + FRAMING_BYTES <= messageBytes;
    const inline = bytes.length <= inlineBytes ? message({ 'sluice.InlineImage': { bytes } }, null) : null;
    if (inline !== null && fits(inline)) return inline;
    if (picture !== undefined) throw tooLarge(bytes.length, shape);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const reference = message({ 'sluice.ImageReference': { uri: pathToFileURL(sample.uri).href, sha256 } }, sample.uri);
    if (fits(reference)) return reference;
    throw new SluiceError('SLUICE_E_LABEL_INVALID', `without the image the message has ${reference.value.length} bytes, and the topic ${topic} takes ${messageBytes}`);
  };
}

/** A frame lies in no file that a message could refer to. */
function tooLarge(bytes: number, { topic, inlineBytes, messageBytes }: SampleShape): SluiceError {
  const limit = bytes > inlineBytes ? `--inline-limit is ${inlineBytes}` : `the topic ${topic} takes messages of ${messageBytes}`;
  return new SluiceError('SLUICE_E_IMAGE_TOO_LARGE', `the frame has ${bytes} bytes, ${limit}, and a frame of a video cannot be sent by reference: raise the limit, or produce a folder of its frames`);
}

/** @param encode of the labels topic */
export function labelsOf(topic: string, naming: Naming, encode: (record: LabelRecord) => Buffer): Make {
  return async (sample) => {
    const label = labelJson(sample.label);
    const { id, stream } = named(sample, naming);
    return label === null ? null : { topic, key: stream, value: encode({ id, stream, label, time: null, forget: false }), refersTo: null };
  };
}

function named({ id, stream }: Sample, naming: Naming): { readonly id: string; readonly stream: string } {
  return { id: naming.prefix + id, stream: stream === 'default' ? naming.stream : stream };
}

async function wholeFile(path: string, limit: number): Promise<Buffer> {
  const file = await openRegular(path, limit);
  try {
    return await file.read();
  } finally {
    await file.close();
  }
}
