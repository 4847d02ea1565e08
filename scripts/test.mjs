// npm test: installs what is missing, then runs vitest with whatever words follow, e.g. npm test -- libs/adapters/uds
import { installIfStale, runAside } from './project.mjs';

installIfStale();
process.exitCode = await runAside(process.execPath, [
  'node_modules/vitest/vitest.mjs',
  'run',
  ...process.argv.slice(2),
]);
