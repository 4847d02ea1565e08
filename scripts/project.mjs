// Shared by the scripts. No dependencies: this runs before anything is installed.
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
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`This needs Node 20.19 or newer; this is ${process.version}.`);
  process.exit(1);
}

/** Runs a command in the project's root with our output; returns its exit code, or 1 if a signal ended it. */
export function run(command, args) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) console.error(`${command} cannot be started: ${error.message}`);
  // It could say nothing itself, as where the memory does not suffice.
  else if (signal) console.error(`${command} was ended by ${signal}.`);
  return status ?? 1;
}

/** Like run, without blocking the event loop. */
export function runAside(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', code => resolve(code ?? 1));
  });
}

/** Installs the locked dependencies if they are missing or older than the lock file. */
export function installIfStale() {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (existsSync(installed) && modified(installed) >= modified(join(root, 'package-lock.json'))) return;
  // npm ci empties the folder first; behind a symbolic link it would empty the target.
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
    fail(
      'node_modules is a link to another folder, and older than package-lock.json: run npm ci where it points to.',
    );
  }
  console.log('Installing dependencies …');
  // A build needs the development dependencies too, whatever NODE_ENV is.
  if (runNpm(['ci', '--include=dev', '--loglevel=error']) !== 0) fail('npm ci failed: see above.');
}

// The npm that runs us, if one does: on Windows no program is called npm, and it need not be in the PATH.
function runNpm(args) {
  const script = process.env.npm_execpath;
  return script && basename(script) === 'npm-cli.js'
    ? run(process.execPath, [script, ...args])
    : run('npm', args);
}

/** Compiles apps and libs to dist when a source is newer than the last build. */
export function buildIfStale() {
  const stamp = join(root, 'dist/.built');
  if (existsSync(stamp) && modified(stamp) >= newestSource()) return;
  console.log('Building …');
  // Type errors are left to `npm run check`; code that compiles in spite of them can be started and tested.
  if (build() === 'nothing') fail('The build failed: see above.');
}

/** Compiles apps and libs to dist; returns whether it succeeded, had type errors, or failed. */
export function build() {
  const started = new Date();
  // Compiled into another folder and swapped in: a process loading dist never sees a partial build, and no stale file stays.
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

// Files that sources read or serve: pages, store scripts, fixtures.
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

/** Ends the script with a message. */
export function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

function newestSource() {
  const files = ['tsconfig.json', 'tsconfig.build.json', 'package.json'];
  for (const folder of ['apps', 'libs']) {
    // Folders too: a removed file changes its folder's time.
    const found = readdirSync(join(root, folder), { recursive: true });
    files.push(...found.filter(name => !name.endsWith('.spec.ts')).map(name => join(folder, name)));
  }
  return Math.max(...files.map(name => modified(join(root, name))));
}

function modified(path) {
  return statSync(path).mtimeMs;
}
