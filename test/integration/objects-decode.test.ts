/** From reference to pixels: the operator, the store and the decoder together. */
import { createHash } from 'node:crypto';
import { from, lastValueFrom, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import { SharpDecoder } from '../../infra/media/sharp-decoder.ts';
import { ReferenceDecoder } from '../../infra/objects/decoder.ts';
import { decode } from '../../operators/decode.ts';
import type { ImageInput, Region } from '../../operators/ports.ts';
import type { Sample } from '../../schemas/sample.ts';
import { scene, SCENE_KINDS } from '../support/images.ts';
import { failureOf, objects, serve } from '../unit/infra/objects/world.ts';

const pictures = await Promise.all(SCENE_KINDS.slice(0, 6).map((kind, i) => scene(i, kind)));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const sample = (seq: number): Sample => ({ id: `${seq}`, uri: `http://images.test/${seq}`, stream: 'default', time: null, label: null, origin: null });

test('a stream of references and bytes: the pictures as from memory, each bad one with its cause, in one pass', async () => {
  const server = await serve((request, response) => {
    const seq = Number((request.url ?? '').slice(1));
    const bytes = pictures[seq];
    if (bytes === undefined) response.writeHead(404).end();
    else response.end(seq === 4 ? bytes.subarray(0, bytes.length >> 1) : bytes);
  });
  const plain = new SharpDecoder(64, 'squash');
  const decoder = new ReferenceDecoder(plain, objects({ hosts: [{ host: `images.test:${server.port}` }] }));
  const imageOf = ({ id }: Sample): ImageInput => {
    const bytes = pictures[Number(id)] ?? Buffer.alloc(0);
    if (id === '0') return { bytes };
    return { reference: { uri: `http://images.test:${server.port}/${id}`, sha256: id === '2' ? sha256(Buffer.from('another')) : id === '4' ? null : sha256(bytes) } };
  };
  const entries = Array.from({ length: 7 }, (_, seq) => ({ seq, sample: sample(seq) }));
  const items = (await lastValueFrom(from(entries).pipe(decode(decoder, 3, imageOf), toArray()))).sort((a, b) => a.seq - b.seq);
  expect(items.map((item) => ('error' in item ? item.error.code : item.image.digest))).toEqual([
    ...[0, 1].map((i) => sha256(pictures[i] ?? Buffer.alloc(0))),
    'SLUICE_E_OBJECT_MISMATCH',
    sha256(pictures[3] ?? Buffer.alloc(0)),
    'SLUICE_E_IMAGE_CORRUPT',
    sha256(pictures[5] ?? Buffer.alloc(0)),
    'SLUICE_E_OBJECT_MISSING',
  ]);
  const [, second] = items;
  expect(second).toMatchObject({ image: await plain.decode({ bytes: pictures[1] ?? Buffer.alloc(0) }) });
  // What was read once but could not be decoded is not asked for again.
  expect(server.requests.filter(({ url }) => url === '/4')).toHaveLength(1);
});

test('regions are cut out of what lies elsewhere too', async () => {
  const [bytes = Buffer.alloc(0)] = pictures;
  const server = await serve((_, response) => response.end(bytes));
  const plain = new SharpDecoder(64, 'squash');
  const decoder = new ReferenceDecoder(plain, objects({ hosts: [{ host: `images.test:${server.port}` }] }));
  const regionsOf = (width: number, height: number): readonly Region[] => [{ left: 9, top: 5, width: width - 20, height: height - 30 }];
  const image = await decoder.decode({ reference: { uri: `http://images.test:${server.port}/0`, sha256: null } }, regionsOf);
  expect(image.crops).toHaveLength(64 * 64 * 3);
  expect(image).toEqual(await decoder.decode({ bytes }, regionsOf));
  expect(image).toEqual(await plain.decode({ bytes }, regionsOf));
});

test('giving up ends what is under way', async () => {
  const controller = new AbortController();
  const server = await serve(() => controller.abort());
  const decoder = new ReferenceDecoder(new SharpDecoder(64, 'squash'), objects({ hosts: [{ host: `images.test:${server.port}` }] }), controller.signal);
  expect((await failureOf(decoder.decode({ reference: { uri: `http://images.test:${server.port}/`, sha256: null } }))).code).toBe('SLUICE_E_INTERRUPTED');
});
