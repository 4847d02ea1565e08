// Loaded into a process that is measured: at SIGUSR2 it clears its heap twice and writes what is left, in bytes, to `HEAP_DIR/<pid>`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const clear = runInNewContext('gc');

process.on('SIGUSR2', () => {
  clear();
  clear();
  writeFileSync(join(process.env.HEAP_DIR, `${process.pid}`), `${process.memoryUsage().heapUsed}`);
});
