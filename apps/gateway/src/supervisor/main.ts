import { join } from 'node:path';
import { CannotStart } from '#persistence/embedded';
import { BadSettings } from '../settings.js';
import { listenForStop } from './stop-signals.js';
import { supervise } from './supervise.js';

// dist/apps, seen from dist/apps/gateway/src/supervisor
const apps = join(import.meta.dirname, '../../..');

try {
  process.exitCode = await supervise({ env: process.env, apps, signals: listenForStop(), say: console.log });
} catch (error) {
  // Expected errors print a message; anything else is a defect and prints its stack.
  console.error(error instanceof CannotStart || error instanceof BadSettings ? error.message : error);
  process.exitCode = 1;
}
