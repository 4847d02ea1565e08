// Preloaded into a measured process: on SIGUSR2 it collects garbage twice and writes the used heap, in bytes, to `HEAP_DIR/<pid>`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

process.on('SIGUSR2', () => {
  collectGarbage();
  collectGarbage();
  writeFileSync(join(process.env.HEAP_DIR, `${process.pid}`), `${process.memoryUsage().heapUsed}`);
});
