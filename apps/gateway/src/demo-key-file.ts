import { join, relative } from 'node:path';

/** The path of the demo's key, relative to the working directory if it is inside. */
export function demoKeyFile(dataDir: string): string {
  const file = join(dataDir, 'demo-key');
  const inside = relative(process.cwd(), file);
  return inside.startsWith('..') ? file : inside;
}
