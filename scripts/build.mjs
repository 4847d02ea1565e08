// npm run build: installs dependencies if needed and compiles apps and libs to dist. With --if-stale only if needed.
import { build, buildIfStale, fail, installIfStale } from './project.mjs';

installIfStale();
if (process.argv.includes('--if-stale')) buildIfStale();
else if (build() !== 'well typed') fail('The build has errors: see above.');
