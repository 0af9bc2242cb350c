/** Messages of the labels topic as label events. What cannot be understood goes on as such, to become a dead letter. */
import type { KafkaMessage } from 'kafkajs';
import type { ForgetEvent, LabelEvent } from '../../operators/items.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { labelOf } from '../../schemas/records-label.ts';
import type { LabelRecord } from '../../schemas/records.ts';
import { classesOf } from '../../schemas/sample.ts';
import { packLetter } from './letters.ts';
import { checkSize, messageFault, NAME_BYTES, type Place } from './samples.ts';

/** Of a message, in bytes, at most: state records repeat it and have to fit into a message of the usual 1 MB, or they would stop their partition for good. */
const MESSAGE_BYTES = 256 * 1024;

/** @param read decodes the message's value. @throws SluiceError SLUICE_E_REGISTRY_… for what is not the message's fault */
export async function labelEventOf({ topic, partition }: Place, message: KafkaMessage, read: (value: Buffer) => Promise<LabelRecord> | LabelRecord): Promise<LabelEvent | ForgetEvent> {
  const letter = packLetter(topic, message);
  let id = `kafka:${topic}/${partition}/${message.offset}`;
  try {
    if (message.value === null) throw new SluiceError('SLUICE_E_RECORD_CORRUPT', 'the message is empty');
    if (letter.length > MESSAGE_BYTES) throw new SluiceError('SLUICE_E_LABEL_INVALID', `label: a message of ${letter.length} bytes is larger than ${MESSAGE_BYTES}`);
    const record = await read(message.value);
    checkSize('id', record.id, NAME_BYTES);
    id = record.id;
    if (record.forget) return { id, forget: true };
    const label = labelOf(record.label);
    const classes = classesOf(label);
    if (classes === null) throw new SluiceError('SLUICE_E_LABEL_INVALID', 'label: it is null; no boxes at all are []');
    return { id, classes, letter, ...(Array.isArray(label) ? { boxes: label } : {}) };
  } catch (thrown) {
    return { id, letter, error: messageFault(thrown) };
  }
}
