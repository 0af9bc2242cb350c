// What set-up says: the list of what is missing, and causes in words. No file, process or clock here either.

/** System packages: what for, why they are needed, and their names by family. */
export const SYSTEM = {
  compiler: {
    name: 'C++ compiler',
    cause: 'none was found ($CXX, g++, c++, clang++); it builds faiss-node, of which no prebuilt binary could be had',
    debian: ['g++'],
    fedora: ['gcc-c++'],
    macos: [],
  },
  faiss: {
    name: 'FAISS with OpenBLAS',
    cause: 'libraries and headers (1.7.3 or newer), to build faiss-node, of which no prebuilt binary could be had',
    debian: ['libfaiss-dev', 'libopenblas-dev'],
    fedora: ['faiss-devel', 'openblas-devel'],
    macos: ['faiss', 'libomp'],
  },
  browser: {
    name: 'Chromium',
    cause: 'no Chromium or Chrome on PATH; the tests of the pages run in it',
    debian: ['chromium'],
    fedora: ['chromium'],
    macos: ['--cask chromium'],
  },
  rtsp: {
    name: "GStreamer's RTSP server",
    cause: 'it, or what Python calls it with, was not found; the tests of cameras play clips on it',
    debian: ['gir1.2-gst-rtsp-server-1.0', 'python3-gi', 'gstreamer1.0-plugins-base', 'gstreamer1.0-plugins-good', 'gstreamer1.0-plugins-ugly'],
    fedora: ['gstreamer1-rtsp-server', 'python3-gobject', 'gstreamer1-plugins-base', 'gstreamer1-plugins-good', 'gstreamer1-plugins-ugly'],
    macos: ['gst-rtsp-server', 'pygobject3'],
  },
  ffmpeg: {
    name: 'ffmpeg',
    cause: 'not found on PATH; videos are read with it',
    debian: ['ffmpeg'],
    fedora: ['ffmpeg-free'],
    macos: ['ffmpeg'],
  },
};

const INSTALL = {
  debian: ['Debian, Ubuntu', 'sudo apt-get update && sudo apt-get install -y --no-install-recommends'],
  fedora: ['Fedora', 'sudo dnf install -y'],
  macos: ['macOS', 'brew install'],
};

/** What a part that nothing else waits for is missed for, in a line. */
export function renderOptional({ name, cause, needs }, family) {
  const [, command] = INSTALL[family] ?? [];
  return `${name}: ${cause}. All else works without it${command ? `; ${command} ${SYSTEM[needs][family].join(' ')}` : ''}`;
}

/** The whole list of what is missing: parts are { name, cause, fix?, needs? }, needs a key of SYSTEM. */
export function renderMissing(parts, family) {
  const lines = [`set-up: ${parts.length === 1 ? 'one part is' : `${parts.length} parts are`} missing`];
  for (const part of parts) {
    lines.push(`  - ${part.name}: ${part.cause}`);
    if (part.fix) lines.push(`    ${part.fix}`);
  }
  const needs = [...new Set(parts.map((part) => part.needs).filter(Boolean))];
  if (needs.length > 0) {
    lines.push('  System packages:');
    for (const name of family ? [family] : Object.keys(INSTALL)) {
      const [title, command] = INSTALL[name];
      const packages = needs.flatMap((need) => SYSTEM[need][name]);
      // On macOS the compiler is Apple's, which brew does not bring.
      if (name === 'macos' && needs.includes('compiler')) lines.push(`    ${title}: xcode-select --install`);
      if (packages.length > 0) lines.push(`    ${title}: ${command} ${packages.join(' ')}`);
    }
  }
  lines.push('  Then run the same command again.');
  return lines.join('\n');
}

const UNREACHED = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|network timeout|Temporary failure resolving|Could not resolve/i;

/** Why npm or apt failed, in words, from its output. */
export function causeOf(output, code) {
  if (UNREACHED.test(output)) return 'the package registry was not reached (no network, or a proxy that is not set)';
  if (/\bENOSPC\b|No space left/i.test(output)) return 'the disk is full';
  if (/\b(EACCES|EPERM|EROFS)\b/.test(output)) return 'this user may not write to the project folder';
  if (/\bE40[13]\b|\bENEEDAUTH\b/.test(output)) return 'the package registry asks for a login';
  if (/\bE404\b|\bETARGET\b|Unable to locate package|has no installation candidate/.test(output)) return 'the registry does not have a package that is needed';
  return code === 127 ? 'the command was not found' : `it ended with code ${code}`;
}

/** npm >= 11 refuses a lock file without the entries of other systems' optional packages. */
export function lockRefused(output) {
  return /\bEUSAGE\b/.test(output) && /Missing: .* from lock file/.test(output);
}

/** Text that may be shown and kept: without hosts, addresses and what follows a token's name. */
export function scrub(text) {
  const hosts = new Set([...text.matchAll(/\b[a-z][a-z+]*:\/\/(?:[^\s/@'"]*@)?([^\s/:'"]+)/gi)].map((found) => found[1]));
  let clean = text.replace(/(\b[a-z][a-z+]*:\/\/)[^\s/'"]+/gi, '$1<host>');
  for (const host of hosts) if (host.includes('.')) clean = clean.split(host).join('<host>');
  return clean
    .replace(/((?:ENOTFOUND|EAI_AGAIN|Could not resolve|resolving|connect to) '?)[\w.-]+\.[\w-]+/g, '$1<host>')
    .replace(/\b\d{1,3}(\.\d{1,3}){3}\b/g, '<address>')
    .replace(/((?:_auth\w*|token|password)\s*[=:]\s*)\S+/gi, '$1<hidden>');
}

/** The last `count` lines that are not empty, each with a mark before it. */
export function tail(text, count = 15) {
  const lines = text.split(/\r?\n|\r/).filter((line) => line.trim() !== '');
  return lines.slice(-count).map((line) => `  | ${line}`).join('\n');
}

/** What a failed trial build of one line with FAISS says: which of SYSTEM is missing; null: the compiler itself is at fault. */
export function neededBy(output) {
  if (/faiss\/[\w.]+['"]?:? .*(No such file|not found)|'faiss\/[\w.]+' file not found/i.test(output)) return 'faiss';
  if (/(cannot find|library .*not found for|unable to find library) '?-l(faiss|openblas|gomp|omp)/i.test(output)) return 'faiss';
  return null;
}

/** A load error of a native package as a cause a reader can act on. */
export function loadCause(message) {
  const first = message.split('\n')[0];
  if (/GLIBC(XX)?_[\d.]+' not found/.test(message)) return `the system's C or C++ library is too old (${first})`;
  if (/cannot open shared object file/.test(message)) return `a shared library is missing (${first})`;
  if (/wrong ELF class|invalid ELF header|incompatible architecture/.test(message)) return 'node_modules was installed for another kind of machine';
  if (/Cannot find (module|package)|Could not load the "sharp" module/.test(message)) return `its part for this system is not installed (${first})`;
  return first;
}
