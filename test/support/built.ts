import { join } from 'node:path';
import { service } from './service.js';

/** Path of an up-to-date compiled file, e.g. `apps/worker/src/main.js`. */
export async function builtFile(path: string): Promise<string> {
  return join(await service('build'), path);
}
