// Compiles the package to dist, or to the folder that is named, from nothing: what is published holds no file that has gone.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const tsc = join(here, '../../node_modules/typescript-native/bin/tsc');
const outDir = process.argv[2] ?? join(here, 'dist');
rmSync(outDir, { recursive: true, force: true });
const words = [tsc, '-p', join(here, 'tsconfig.json'), '--outDir', outDir];
const { status } = spawnSync(process.execPath, words, { stdio: 'inherit' });
process.exitCode = status ?? 1;
