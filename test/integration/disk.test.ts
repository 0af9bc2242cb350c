/** The store and exports on disks that are full or read-only: real ones, small tmpfs mounts, which only root can make. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { exportTo } from '../../infra/sinks/export.ts';
import { openReader } from '../../infra/store/reader.ts';
import { MediaFolder } from '../../infra/store/media.ts';
import { openStore, type SqliteStore } from '../../infra/store/sqlite.ts';
import { SluiceError } from '../../schemas/errors.ts';
import { batchOf, decisionAt, plainBatch } from '../unit/infra/store/decisions.ts';
import { codeOf, kill, startChild, untilDecided } from '../unit/infra/store/world.ts';

function mounted(options: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'sluice-test', dir]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', dir]);
    rmSync(dir, { recursive: true });
  });
  return dir;
}

function remount(dir: string, how: 'ro' | 'rw'): void {
  execFileSync('mount', ['-o', `remount,${how}`, dir]);
}

/** Fills the disk but for about `leave` bytes. */
function fill(disk: string, leave = 0): void {
  const { bavail, bsize } = statfsSync(disk);
  const size = Math.max(0, bavail * bsize - leave);
  try {
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(size));
  } catch {
    // Full a little earlier than it said.
  }
}

function free(disk: string): void {
  rmSync(join(disk, 'ballast'), { force: true });
}

/** Verdicts with as much data as real ones, and state that changes, the same for a seq whenever they are made. */
function realBatch(first: number, count: number) {
  const decisions = Array.from({ length: count }, (_, i) => decisionAt(first + i, { embedding: new Float32Array(256).fill((first + i) / 7) }));
  const strips = [{ jpeg: Buffer.alloc(2500 * count, first), seqs: decisions.map(({ seq }) => seq) }];
  return batchOf({ decisions, strips, changes: [{ kind: 'count', key: 0, value: Buffer.alloc(1500, first) }, { kind: 'cluster', key: first % 16, value: Buffer.alloc(1200, first) }] });
}

function contents(dir: string): unknown {
  const reader = openReader(dir);
  const found = { decisions: [...reader.decisions()], totals: reader.totals(), embeddings: [...reader.decisions()].map((d) => reader.embedding(d.seq)[255]) };
  reader.close();
  const store = openStore(dir);
  const state = [...store.state()].map(({ kind, key, value }) => [kind, key, value?.length, value?.[0]]);
  store.close();
  return { ...found, state };
}

const COUNT = 240;
const BATCH = 16;

function runToEnd(store: SqliteStore): void {
  while (store.nextSeq < COUNT) store.commit(realBatch(store.nextSeq, BATCH));
}

describe.skipIf(process.getuid?.() !== 0)('on a disk of its own', () => {
  test('a commit on a full disk says so, leaves nothing, and the same batch goes through once there is space', () => {
    const disk = mounted('size=4m');
    const store = openStore(join(disk, 'out'));
    store.commit(realBatch(0, BATCH));
    fill(disk);
    for (let i = 0; i < 3; i++) expect(codeOf(() => store.commit(realBatch(BATCH, BATCH)))).toBe('SLUICE_E_DISK_FULL');
    expect([store.nextSeq, store.onRecord('any')(`photos/${BATCH}.jpg`).decided, store.totals().transactions]).toEqual([BATCH, false, 1]);
    expect(store.embedding(0)).toEqual(new Float32Array(256));
    free(disk);
    store.commit(realBatch(BATCH, BATCH));
    expect([store.nextSeq, store.totals().transactions]).toEqual([2 * BATCH, 2]);
    store.close();
  });

  test('wherever the disk fills up, in commits or at the end, a later run ends with what an undisturbed run has', () => {
    const calm = mounted('size=16m');
    const undisturbed = openStore(calm);
    runToEnd(undisturbed);
    undisturbed.close();
    const wanted = contents(calm);
    const codes = new Set<string>();
    for (let leave = 0; leave <= 4_500_000; leave += 150_000) {
      const disk = mounted('size=16m');
      const dir = join(disk, 'out');
      fill(disk, leave);
      codes.add(`${leave === 0 ? 'at once ' : ''}${codeOf(() => runAndClose(dir))}`);
      free(disk);
      runAndClose(dir);
      expect(contents(dir)).toEqual(wanted);
    }
    expect([...codes].sort()).toEqual(['SLUICE_E_DISK_FULL', 'at once SLUICE_E_DISK_FULL', 'nothing was thrown']);
  });

  function runAndClose(dir: string): void {
    const store = openStore(dir);
    try {
      runToEnd(store);
    } finally {
      store.close();
    }
  }

  test('pictures that a full disk has no room for are refused, and none of them is there in part', async () => {
    const disk = mounted('size=4m');
    const media = new MediaFolder(join(disk, 'out'));
    const pictures = Array.from({ length: 8 }, (_, i) => ({ bytes: Buffer.alloc(100_000, i), digest: String(i).padStart(64, '0') }));
    await media.keep(pictures.slice(0, 1));
    fill(disk, 250_000);
    await expect(media.keep(pictures)).rejects.toMatchObject({ code: 'SLUICE_E_DISK_FULL' });
    const names = (): string[] => readdirSync(join(disk, 'out'), { recursive: true, encoding: 'utf8' }).filter((name) => /jpg/.test(name));
    expect(names()).toEqual([`media/00/${'0'.repeat(64)}.jpg`]);
    free(disk);
    await media.keep(pictures);
    expect(names()).toHaveLength(8);
  });

  test('an end on a full disk says so, and nothing that was committed is lost', () => {
    const disk = mounted('size=4m');
    const dir = join(disk, 'out');
    const store = openStore(dir);
    store.commit(realBatch(0, 64));
    fill(disk);
    expect(codeOf(() => store.close())).toBe('SLUICE_E_DISK_FULL');
    // The folder was let go of, and can be read as it is.
    const reader = openReader(dir);
    expect(reader.totals().decided).toBe(64);
    reader.close();
    expect(codeOf(() => openStore(dir))).toBe('SLUICE_E_DISK_FULL');
    free(disk);
    const again = openStore(dir);
    expect(again.nextSeq).toBe(64);
    again.close();
  });

  test('a disk without a free file entry is full as well', () => {
    const disk = mounted('size=4m,nr_inodes=4');
    const dir = join(disk, 'out');
    expect(codeOf(() => openStore(dir))).toBe('SLUICE_E_DISK_FULL');
  });

  test('a read-only disk: a run is refused, reading works after a clean end, and the run goes on once it may', () => {
    const disk = mounted('size=16m');
    const dir = join(disk, 'out');
    const store = openStore(dir);
    store.commit(plainBatch(0, 20));
    store.close();
    remount(disk, 'ro');
    expect(codeOf(() => openStore(dir))).toBe('SLUICE_E_NOT_WRITABLE');
    expect(codeOf(() => openStore(join(disk, 'new')))).toBe('SLUICE_E_NOT_WRITABLE');
    expect(() => openStore(dir)).toThrow(`Cannot write to ${dir}: EROFS: read-only file system`);
    const reader = openReader(dir);
    expect([...reader.decisions()].length).toBe(20);
    reader.close();
    remount(disk, 'rw');
    const again = openStore(dir);
    again.commit(plainBatch(20, 1));
    again.close();
  });

  test('a read-only view of a folder, as a container has it, shows what the run has written so far', async () => {
    const dir = join(mounted('size=16m'), 'out');
    const store = openStore(dir);
    const view = mkdtempSync(join(tmpdir(), 'sluice-view-'));
    execFileSync('mount', ['--bind', dir, view]);
    execFileSync('mount', ['-o', 'remount,ro,bind', view]);
    onTestFinished(() => {
      execFileSync('umount', ['-l', view]);
      rmSync(view, { recursive: true });
    });
    for (let round = 1; round < 4; round++) {
      store.commit(plainBatch(store.nextSeq, 2));
      // In a process of its own: connections of one process share what they may do.
      expect((await startChild(view, 'read')).said).toBe(`${2 * round} decided, ${2 * round} read`);
    }
    expect((await startChild(view, 'hold')).said).toBe('SLUICE_E_NOT_WRITABLE');
    store.close();
    expect((await startChild(view, 'read')).said).toBe('6 decided, 6 read');
  });

  test('a read-only disk: what a killed run committed can be read', async () => {
    const disk = mounted('size=32m');
    const dir = join(disk, 'out');
    const { child } = await startChild(dir, 'write');
    await untilDecided(dir);
    await kill(child);
    expect(existsSync(join(dir, 'sluice.db-wal'))).toBe(true);
    remount(disk, 'ro');
    const reader = openReader(dir);
    const { decided } = reader.totals();
    expect(decided).toBeGreaterThan(0);
    expect([...reader.decisions()].length).toBe(decided);
    reader.close();
    remount(disk, 'rw');
    const store = openStore(dir);
    expect(store.nextSeq).toBe(decided);
    store.close();
  });

  test.for(['jsonl', 'csv', 'coco', 'yolo'])('an export (%s) to a full disk says so, leaves no scraps and the old export as it was', async (format) => {
    const disk = mounted('size=1m');
    const out = mkdtempSync(join(tmpdir(), 'sluice-run-'));
    onTestFinished(() => rmSync(out, { recursive: true, force: true }));
    const store = openStore(out);
    const label = [{ class: 'a', bbox: [1, 2, 3, 4] as const }];
    store.commit(batchOf({ decisions: Array.from({ length: 4000 }, (_, i) => decisionAt(i, { label, verdict: i < 3 ? 'admit' : 'reject' })) }));
    store.close();
    const reader = openReader(out);
    onTestFinished(() => reader.close());
    const to = join(disk, 'to');
    await exportTo(reader, { format, to, verdict: 'admit' }, () => {});
    const before = tree(disk);
    fill(disk, 8192);
    const ballast = tree(disk).filter((entry) => !before.includes(entry));
    const failed = await exportTo(reader, { format, to, verdict: 'all' }, () => {}).then(() => null, (thrown: unknown) => thrown);
    expect(failed instanceof SluiceError ? failed.code : failed).toBe('SLUICE_E_DISK_FULL');
    expect(tree(disk).filter((entry) => !ballast.includes(entry))).toEqual(before);
  });
});

/** Names and contents of all files below. */
function tree(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name) + (entry.isFile() ? `: ${readFileSync(join(entry.parentPath, entry.name)).toString('base64').slice(0, 5000)}` : ''))
    .sort();
}
