// What set-up decides. Nothing here touches a file, a process or the clock.

/** The Node that runs Sluice: type stripping and node:sqlite without a flag. */
export const LEAST_NODE = '22.15.0';

/** Is `version` ('v24.1.0' or '24.1.0') the same as or newer than `least`? Nonsense is never new enough. */
export function atLeast(version, least) {
  const have = numbers(version);
  const want = numbers(least);
  if (!have || !want) return false;
  for (let i = 0; i < 3; i++) if (have[i] !== want[i]) return have[i] > want[i];
  return true;
}

function numbers(version) {
  const found = /^v?(\d+)\.(\d+)\.(\d+)/.exec(String(version ?? '').trim());
  return found && found.slice(1).map(Number);
}

/** The text of /etc/os-release as an object; values lose their quotes. */
export function parseOsRelease(text) {
  const fields = {};
  for (const line of text.split('\n')) {
    const found = /^\s*([A-Z][A-Z0-9_]*)=(.*?)\s*$/.exec(line);
    if (found) fields[found[1]] = found[2].replace(/^(["'])(.*)\1$/, '$2');
  }
  return fields;
}

/** Which commands fit this system: 'debian', 'fedora', 'macos', or null where it is another. */
export function familyOf(platform, osRelease) {
  if (platform === 'darwin') return 'macos';
  const ids = `${osRelease.ID ?? ''} ${osRelease.ID_LIKE ?? ''}`.toLowerCase().split(/\s+/);
  if (ids.includes('debian') || ids.includes('ubuntu')) return 'debian';
  if (ids.includes('fedora') || ids.includes('rhel')) return 'fedora';
  return null;
}

/**
 * How node_modules (by node_modules/.package-lock.json) differs from package-lock.json. `system` is
 * { os, cpu, libc } in npm's words. `wrong`: paths with another version or none; what is there beside them
 * does no harm. `skipped`: 'name@version' of optional packages made for this system that are not there: npm
 * leaves them out, and is content, when their `engines` do not admit the Node it runs on (sharp's part wants 20).
 */
export function packageFaults(lock, installed, system) {
  const wanted = lock?.packages ?? {};
  const have = installed?.packages ?? {};
  const wrong = lock && installed ? [] : ['node_modules'];
  const skipped = [];
  for (const [path, entry] of Object.entries(wanted)) {
    const there = have[path];
    if (path === '' || there?.version === entry.version) continue;
    if (there || !entry.optional) wrong.push(path);
    else if (isFor(entry, system)) skipped.push(`${path.replace(/^.*node_modules\//, '')}@${entry.version}`);
  }
  return { wrong, skipped };
}

/** Does the package name systems, and this one among them? One that names none is somebody's dependency. */
function isFor(entry, system) {
  const named = Object.keys(system).filter((key) => entry[key] !== undefined);
  return named.length > 0 && named.every((key) => admits([entry[key]].flat(), system[key]));
}

function admits(list, value) {
  if (list.includes(`!${value}`)) return false;
  return list.includes(value) || list.every((name) => name.startsWith('!'));
}

/** Does the stamp of the last good set-up describe the tree as it is? `now` has the same fields. */
export function stampHolds(stamp, now) {
  return stamp !== null && Object.keys(now).every((key) => now[key] !== null && stamp[key] === now[key]);
}

/** The steps to take, in order. `npm ci` empties node_modules, so all that lives there is due after it. */
export function stepsDue({ packagesFit, nodeWorks, faissWorks, browserMissing, rtspMissing, ffmpegMissing }) {
  const due = [];
  if (!packagesFit) due.push('packages');
  if (!packagesFit || !nodeWorks) due.push('node');
  if (!packagesFit || !faissWorks) due.push('faiss');
  if (browserMissing) due.push('browser');
  if (rtspMissing) due.push('rtsp');
  if (ffmpegMissing) due.push('ffmpeg');
  due.push('verify');
  return due;
}
