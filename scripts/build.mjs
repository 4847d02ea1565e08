// npm run build: installs what is missing and compiles apps and libs to dist. With --if-stale only what is needed.
import { build, buildIfStale, fail, installIfStale } from './project.mjs';

installIfStale();
if (process.argv.includes('--if-stale')) buildIfStale();
else if (build() !== 'well typed') fail('The build has errors: see above.');
