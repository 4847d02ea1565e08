import { join, relative } from 'node:path';

/** Where the demo's key lies, as whoever stands in the directory of this process names it. */
export function demoKeyFile(dataDir: string): string {
  const file = join(dataDir, 'demo-key');
  const inside = relative(process.cwd(), file);
  return inside.startsWith('..') ? file : inside;
}
