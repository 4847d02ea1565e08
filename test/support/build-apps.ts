import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Compiles the apps if a source is newer than dist; returns the path of dist. Runs once, in parallel with tests. */
export async function buildApps(): Promise<string> {
  const build = spawn(process.execPath, [join(root, 'scripts/build.mjs'), '--if-stale'], { stdio: 'pipe' });
  let said = '';
  build.stdout.on('data', chunk => (said += chunk));
  build.stderr.on('data', chunk => (said += chunk));
  const [code] = await once(build, 'close');
  if (code !== 0) throw new Error(`The apps do not compile:\n${said}`);
  return join(root, 'dist');
}
