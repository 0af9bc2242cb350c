/** A message as it came, packed to be handed back later: as a dead letter it has key, value and headers as they were, and where it stood. */
import type { IHeaders, KafkaMessage } from 'kafkajs';
import { Packer, Unpacker } from '../../operators/state/codec.ts';

export interface Letter {
  readonly topic: string;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: IHeaders;
}

export function packLetter(topic: string, { offset, key, value, headers }: KafkaMessage): Uint8Array {
  const entries = Object.entries(headers ?? {}).flatMap(([name, values]) => [values ?? []].flat().map((one) => ({ name, bytes: Buffer.from(one) })));
  const packer = new Packer().text(topic).text(offset);
  for (const part of [key, value]) packer.f64(part === null ? 0 : 1).blob(part ?? new Uint8Array());
  packer.texts(entries.map(({ name }) => name));
  for (const { bytes } of entries) packer.blob(bytes);
  return packer.done();
}

export function unpackLetter(letter: Uint8Array): Letter {
  const from = new Unpacker(letter);
  const bytes = (): Buffer => Buffer.from(from.blob());
  const [topic, offset] = [from.text(), from.text()];
  const [key, value] = [0, 1].map(() => {
    const there = from.f64() === 1;
    const part = bytes();
    return there ? part : null;
  });
  const headers: Record<string, Buffer | Buffer[]> = {};
  for (const name of from.texts()) {
    const earlier = headers[name];
    const one = bytes();
    headers[name] = earlier === undefined ? one : [earlier, one].flat();
  }
  return { topic, offset, key: key ?? null, value: value ?? null, headers };
}
