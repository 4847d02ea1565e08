// What the scripts share. No dependencies: this runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`This needs Node 20.19 or newer; this is ${process.version}.`);
  process.exit(1);
}

/** Runs a command in the project's root with our own output; its exit code, or 1 where a signal ended it. */
export function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  return status ?? 1;
}

/** Like run, and lets go of the event loop meanwhile; its exit code. */
export function runAside(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', code => resolve(code ?? 1));
  });
}

/** Installs what the lock file names, when nothing is installed or the lock file is newer than what is. */
export function installIfStale() {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (existsSync(installed) && modified(installed) >= modified(join(root, 'package-lock.json'))) return;
  // npm ci empties the folder first, and would empty the one that a link points to.
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
    fail(
      'node_modules is a link to another folder, and older than package-lock.json: run npm ci where it points to.',
    );
  }
  console.log('Installing dependencies …');
  // A build needs the development dependencies as well, whatever NODE_ENV says.
  if (run('npm', ['ci', '--include=dev', '--loglevel=error']) !== 0) fail('npm ci failed: see above.');
}

/** Compiles apps and libs to dist when a source is newer than the last build. */
export function buildIfStale() {
  const stamp = join(root, 'dist/.built');
  if (existsSync(stamp) && modified(stamp) >= newestSource()) return;
  console.log('Building …');
  // A type error is for `npm run check` to refuse; what compiles in spite of it can still be started and tested.
  if (build() === 'nothing') fail('The build failed: see above.');
}

/** Compiles apps and libs to dist; says whether all of it is well typed, or came out with errors, or not at all. */
export function build() {
  const started = new Date();
  // Compiled aside and swapped in: a process that is loading dist never sees half of it, and nothing stale stays.
  const fresh = join(root, `dist.${process.pid}`);
  const tsc = join(root, 'node_modules/typescript-native/bin/tsc');
  const status = run(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', fresh]);
  const result = status === 0 ? 'well typed' : status === 2 ? 'with errors' : 'nothing';
  if (result !== 'nothing') {
    for (const folder of ['apps', 'libs']) copyAssets(join(root, folder), join(fresh, folder));
    writeFileSync(join(fresh, '.built'), '');
    utimesSync(join(fresh, '.built'), started, started);
    swapIn(fresh, join(root, 'dist'));
  }
  rmSync(fresh, { recursive: true, force: true });
  return result;
}

// What a source reads or serves beside it: pages, scripts of the store, fixtures.
function copyAssets(from, to) {
  cpSync(from, to, {
    recursive: true,
    filter: path => statSync(path).isDirectory() || !/\.(ts|md)$/.test(path),
  });
}

function swapIn(fresh, place) {
  const old = `${fresh}.old`;
  if (existsSync(place)) renameSync(place, old);
  renameSync(fresh, place);
  rmSync(old, { recursive: true, force: true });
}

/** Ends the script with a sentence. */
export function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

function newestSource() {
  const files = ['tsconfig.json', 'tsconfig.build.json', 'package.json'];
  for (const folder of ['apps', 'libs']) {
    // Folders too: a removed file shows in its folder's own time.
    const found = readdirSync(join(root, folder), { recursive: true });
    files.push(...found.filter(name => !name.endsWith('.spec.ts')).map(name => join(folder, name)));
  }
  return Math.max(...files.map(name => modified(join(root, name))));
}

function modified(path) {
  return statSync(path).mtimeMs;
}
