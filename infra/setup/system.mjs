// System packages: which are missing, and apt-get where it may be used.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { familyOf, parseOsRelease } from './plan.mjs';
import { causeOf, neededBy, SYSTEM } from './report.mjs';
import { run, say, which } from './run.mjs';

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** 'debian', 'fedora', 'macos' or null. */
export function systemFamily() {
  const path = ['/etc/os-release', '/usr/lib/os-release'].find((name) => existsSync(name));
  return familyOf(process.platform, path ? parseOsRelease(readFileSync(path, 'utf8')) : {});
}

export function browserMissing() {
  const application = '/Applications/Chromium.app';
  return which(BROWSERS) === null && !(process.platform === 'darwin' && existsSync(application));
}

export function ffmpegMissing() {
  return which(['ffmpeg']) === null || which(['ffprobe']) === null;
}

/** By the files of the packages: asking Python takes its time. Elsewhere than on Debian they lie where nobody knows. */
export function rtspMissing() {
  if (process.platform !== 'linux' || systemFamily() !== 'debian') return false;
  const folders = ['/usr/lib', ...readdirSync('/usr/lib').filter((name) => name.endsWith('-linux-gnu')).map((name) => join('/usr/lib', name))];
  const isThere = (...names) => folders.some((folder) => existsSync(join(folder, ...names)));
  const parts = [['girepository-1.0', 'GstRtspServer-1.0.typelib'], ['gstreamer-1.0', 'libgstx264.so'], ['gstreamer-1.0', 'libgstrtp.so'], ['gstreamer-1.0', 'libgstvideoconvertscale.so'], ['python3', 'dist-packages', 'gi']];
  return !parts.every((names) => isThere(...names));
}

/** The compiler as command and first arguments ($CXX may hold both), or null. */
export function findCompiler() {
  const chosen = (process.env.CXX ?? '').split(/\s+/).filter(Boolean);
  if (chosen.length > 0) return chosen;
  const found = which(['g++', 'c++', 'clang++']);
  return found && [found];
}

/** How a module with FAISS is compiled here. FAISS's static library (Debian's) names neither BLAS nor OpenMP. */
export function faissFlags() {
  if (process.platform !== 'darwin') {
    return { compile: ['-fPIC', '-fopenmp'], link: ['-shared'], libraries: ['-lfaiss', '-lopenblas', '-lgomp'] };
  }
  const brew = ['/opt/homebrew', '/usr/local'].filter((prefix) => existsSync(join(prefix, 'include', 'faiss')));
  const folders = (flag, name) => brew.map((prefix) => `${flag}${join(prefix, name)}`);
  return { compile: folders('-I', 'include'), link: ['-bundle', '-undefined', 'dynamic_lookup', ...folders('-L', 'lib')], libraries: ['-lfaiss'] };
}

/** What building faiss-node lacks: keys of SYSTEM. Found out by compiling and linking one line with FAISS. */
export async function buildNeeds(log) {
  const compiler = findCompiler();
  if (compiler === null) return existsSync('/usr/include/faiss/Index.h') ? ['compiler'] : ['compiler', 'faiss'];
  const folder = mkdtempSync(join(tmpdir(), 'sluice-setup-'));
  const { compile, link, libraries } = faissFlags();
  const args = [...compiler.slice(1), '-std=c++17', ...compile, ...link, '-include', 'faiss/Index.h', '-x', 'c++', '-', '-x', 'none'];
  const ended = await run(compiler[0], [...args, '-o', join(folder, 'trial'), ...libraries], { input: 'int trial() { return 0; }\n', limitMs: 120_000 });
  rmSync(folder, { recursive: true, force: true });
  log.keep('trial build', ended);
  return ended.code === 0 ? [] : [neededBy(ended.output) ?? 'compiler'];
}

export function mayInstall(family) {
  return family === 'debian' && process.getuid?.() === 0 && which(['apt-get']) !== null;
}

/** Installs what the needs stand for when that is possible; gives back the parts that are still missing. */
export async function installSystem(needs, { family, log }) {
  if (needs.length === 0) return [];
  const part = (need, cause) => ({ name: SYSTEM[need].name, cause, needs: need });
  if (!mayInstall(family)) return needs.map((need) => part(need, SYSTEM[need].cause));
  const packages = needs.flatMap((need) => SYSTEM[need].debian);
  say(`installing ${packages.join(' ')} (apt-get) ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300'];
  // An update that fails does not matter when the lists at hand are good enough.
  const updated = await run('apt-get', [...apt, 'update'], { env });
  log.keep('apt-get update', updated);
  const ended = await run('apt-get', [...apt, '--no-install-recommends', 'install', ...packages], { env });
  log.keep('apt-get install', ended);
  if (ended.code !== 0) {
    log.show('apt-get install', ended);
    return needs.map((need) => part(need, `apt-get could not install it: ${causeOf(updated.output + ended.output, ended.code)}`));
  }
  const programs = { browser: browserMissing, rtsp: rtspMissing, ffmpeg: ffmpegMissing };
  const unmet = needs.some((need) => !(need in programs)) ? await buildNeeds(log) : [];
  unmet.push(...needs.filter((need) => programs[need]?.()));
  return unmet.map((need) => part(need, 'apt-get has installed it, but it cannot be used'));
}
