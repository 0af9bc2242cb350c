// Other people's readers of formats, for tests that hold Sluice's files against them, and a server that speaks S3: Python packages in .cache/readers, touched by nothing but tests.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mayInstall, systemFamily } from '../../infra/setup/system.mjs';

const PACKAGES = ['numpy', 'pycocotools', 'pyarrow', 'moto[s3]', 'flask', 'flask-cors'];
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const place = join(root, '.cache', 'readers');
const list = join(place, 'packages.txt');

function install() {
  if (existsSync(list) && readFileSync(list, 'utf8') === PACKAGES.join('\n')) return;
  rmSync(place, { recursive: true, force: true });
  const made = `${place}.${process.pid}`;
  process.stderr.write(`set-up: installing ${PACKAGES.join(', ')} for the tests of formats ...\n`);
  const pip = () => spawnSync('python3', ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:', '--target', made, ...PACKAGES], { encoding: 'utf8' });
  let ended = pip();
  if (ended.status !== 0 && /No module named pip|ENOENT/.test(`${ended.stderr}${ended.error}`) && mayInstall(systemFamily())) {
    spawnSync('apt-get', ['-q', '-y', 'install', 'python3-pip'], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
    ended = pip();
  }
  if (ended.status === 0) {
    writeFileSync(join(made, 'packages.txt'), PACKAGES.join('\n'));
    renameSync(made, place);
  }
  rmSync(made, { recursive: true, force: true });
  if (ended.status === 0) return;
  process.stderr.write(`${ended.error?.message ?? ended.stderr}\nset-up: the tests of formats need Python 3 with pip, and from it ${PACKAGES.join(', ')}.\n`);
  process.exitCode = 1;
}

install();
