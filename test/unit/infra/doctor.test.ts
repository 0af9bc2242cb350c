import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { disk, examine, ffmpeg, memory, model, native, node } from '../../../infra/doctor.ts';

describe('examine', () => {
  it('finds every part, and all of them good after set-up', async () => {
    const parts = await examine();
    expect(parts.map((part) => part.name)).toEqual([
      'Node',
      'onnxruntime-node',
      'model efficientnet-lite0-256-int8.onnx',
      'faiss-node',
      'sharp',
      'node:sqlite',
      'ffmpeg',
      'free disk space',
      'available memory',
      'cores',
    ]);
    expect(parts.filter((part) => !part.ok)).toEqual([]);
    const withoutVersion = parts.filter((part) => part.name !== 'ffmpeg' && !/\d/.test(part.version ?? ''));
    expect(withoutVersion).toEqual([]);
    expect(parts.find((part) => part.name === 'sharp')?.version).toMatch(/libvips \d.*reads .*jpeg/);
  }, 60_000);
});

describe('what is wrong', () => {
  it.each([
    ['v24.21.0', true],
    ['v22.15.0', true],
    ['v22.14.0', false],
    ['v20.20.2', false],
  ])('Node %s: good is %s', (version, ok) => {
    expect(node(version).ok).toBe(ok);
  });

  it('survives native code that aborts, and says so', async () => {
    const part = await native('faiss-node', 'process.abort()');
    expect(part).toMatchObject({ ok: false, version: null, problem: expect.stringContaining('SIGABRT'), fix: 'npm run setup' });
  });

  it('gives the message of a package that does not load', async () => {
    const part = await native('absent', `require('a-package-that-is-not-there')`);
    expect(part.problem).toMatch(/Cannot find module 'a-package-that-is-not-there'/);
  });

  it('passes on what the probe itself finds wrong', async () => {
    const part = await native('odd', `console.log('chatter'); console.log(JSON.stringify(['1.0', 'wrong vector']))`);
    expect(part).toEqual({ name: 'odd', version: '1.0', ok: false, problem: 'wrong vector', fix: 'npm run setup' });
  });

  it.each(['', `console.log('{}')`, `console.log('1')`])('does not take silence or nonsense for health: %j', async (program) => {
    expect(await native('odd', program)).toMatchObject({ ok: false, version: null });
  });

  it('says what lacks without ffmpeg, and that it is no fault', async () => {
    const part = await ffmpeg('a-command-that-is-not-there');
    expect(part).toMatchObject({ ok: true, version: null, problem: expect.stringContaining('videos') });
  });

  it('warns of little disk and little memory', async () => {
    expect(await disk(tmpdir(), Number.MAX_SAFE_INTEGER)).toMatchObject({ ok: false, fix: expect.any(String) });
    expect(memory(1000)).toMatchObject({ ok: false, version: '0.0 GiB' });
  });
});

describe('the model file', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-doctor-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is missed', async () => {
    expect(await model([folder])).toMatchObject({ ok: false, version: null, problem: 'the file is not there' });
  });

  it('is refused when it was changed, or cut off on its way', async () => {
    writeFileSync(join(folder, 'efficientnet-lite0-256-int8.onnx'), 'half a model');
    expect(await model([folder])).toMatchObject({ ok: false, problem: expect.stringContaining('e641363c8605') });
  });
});
