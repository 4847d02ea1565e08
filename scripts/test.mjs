// npm test: installs dependencies if needed, then runs vitest with the given arguments, e.g. npm test -- libs/adapters/uds
import { installIfStale, runAside } from './project.mjs';

installIfStale();
process.exitCode = await runAside(process.execPath, [
  'node_modules/vitest/vitest.mjs',
  'run',
  ...process.argv.slice(2),
]);
