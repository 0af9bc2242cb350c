import { describe, expect, it } from 'vitest';
import { causeOf, loadCause, lockRefused, neededBy, renderMissing, renderOptional, scrub, tail } from '../../../infra/setup/report.mjs';

describe('renderMissing', () => {
  const parts = [
    { name: 'npm packages', cause: 'no network', fix: 'by hand: npm ci --ignore-scripts' },
    { name: 'C++ compiler', cause: 'none', needs: 'compiler' as const },
    { name: 'FAISS', cause: 'none', needs: 'faiss' as const },
  ];

  it('names every part and one command for this system', () => {
    const text = renderMissing(parts, 'debian');
    expect(text).toMatch(/^set-up: 3 parts are missing\n/);
    for (const part of parts) expect(text).toContain(`- ${part.name}: ${part.cause}`);
    expect(text).toContain('by hand: npm ci --ignore-scripts');
    expect(text).toContain('sudo apt-get update && sudo apt-get install -y --no-install-recommends g++ libfaiss-dev libopenblas-dev');
    expect(text).not.toContain('dnf');
  });

  it('gives the commands of all systems when this one is not known', () => {
    const text = renderMissing(parts, null);
    expect(text).toContain('sudo dnf install -y gcc-c++ faiss-devel openblas-devel');
    expect(text).toContain('macOS: xcode-select --install');
    expect(text).toContain('brew install faiss libomp');
  });

  it('leaves out system packages when none is needed', () => {
    const text = renderMissing(parts.slice(0, 1), 'debian');
    expect(text).toContain('one part is missing');
    expect(text).not.toContain('apt-get');
  });

  it('names a package once, whoever needs it', () => {
    const text = renderMissing([...parts, ...parts], 'debian');
    expect(text.match(/libfaiss-dev/g)).toHaveLength(1);
  });
});

it.each([['debian', 'sudo apt-get update && sudo apt-get install -y --no-install-recommends ffmpeg'], [null, 'All else works without it']] as const)('what only videos want is one line (%s)', (family, end) => {
  const text = renderOptional({ name: 'ffmpeg', cause: 'not found', needs: 'ffmpeg' }, family);
  expect(text.startsWith('ffmpeg: not found. All else works without it')).toBe(true);
  expect(text.endsWith(end)).toBe(true);
});

describe('causes', () => {
  it.each([
    ['npm error code EAI_AGAIN', 1, /not reached/],
    ["W: Failed to fetch\nTemporary failure resolving 'a.example'\nE: Unable to locate package g++", 100, /not reached/],
    ['E: Unable to locate package libfaiss-dev', 100, /does not have/],
    ['npm ERR! code EACCES', 243, /may not write/],
    ['npm error code ENOSPC', 1, /disk is full/],
    ['npm error code E401', 1, /login/],
    ['', 127, /not found/],
    ['something else', 3, /code 3/],
  ])('%j, code %i', (output, code, expected) => {
    expect(causeOf(output, code)).toMatch(expected);
  });

  it('knows when npm refuses the lock file', () => {
    expect(lockRefused('npm error code EUSAGE\nnpm error Missing: @a/b@ from lock file')).toBe(true);
    expect(lockRefused('npm error code EUSAGE\nnpm error Unknown option')).toBe(false);
  });

  it.each([
    ['<command-line>: fatal error: faiss/Index.h: No such file or directory', 'faiss'],
    ["fatal error: 'faiss/Index.h' file not found", 'faiss'],
    ['/usr/bin/ld: cannot find -lopenblas: No such file or directory', 'faiss'],
    ['/usr/bin/ld: cannot find -lfaiss', 'faiss'],
    ["ld: library 'faiss' not found for -lfaiss", 'faiss'],
    ['g++: fatal error: cannot execute cc1plus', null],
  ])('a trial build that says %j lacks %s', (output, expected) => {
    expect(neededBy(output)).toBe(expected);
  });

  it.each([
    ["/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found", /too old/],
    ['libgomp.so.1: cannot open shared object file: No such file', /shared library is missing/],
    ['x.node: invalid ELF header', /another kind of machine/],
    ['Could not load the "sharp" module using the linux-x64 runtime\nPossible solutions:', /not installed/],
    ['strange\nsecond line', /^strange$/],
  ])('%j', (message, expected) => {
    expect(loadCause(message)).toMatch(expected);
  });
});

describe('what is shown of a log', () => {
  it('has no hosts, addresses or tokens', () => {
    const text = scrub(
      [
        'request to https://user:secret@npm.example.org:4873/zod failed, reason: getaddrinfo ENOTFOUND npm.example.org',
        "Could not resolve 'deb.example.net'",
        'connect ECONNREFUSED 10.1.2.3:80',
        '//npm.example.org/:_authToken=abcdef',
      ].join('\n'),
    );
    for (const secret of ['example', 'secret', '10.1.2.3', 'abcdef']) expect(text).not.toContain(secret);
    expect(text).toContain('https://<host>/zod failed');
  });

  it('is its last lines that say something', () => {
    expect(tail('1\n2\n\n3\r\n4\n', 2)).toBe('  | 3\n  | 4');
  });
});
