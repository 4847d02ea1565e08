import { join } from 'node:path';
import { service } from './service.js';

/** A compiled file, up to date, to be run as a process, e.g. `apps/worker/src/main.js`. */
export async function builtFile(path: string): Promise<string> {
  return join(await service('build'), path);
}
