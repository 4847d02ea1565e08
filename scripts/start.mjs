// npm start: installs and builds if needed, and runs everything until Ctrl-C.
import { buildIfStale, installIfStale } from './project.mjs';

installIfStale();
buildIfStale();
await import('../dist/apps/gateway/src/supervisor/main.js');
