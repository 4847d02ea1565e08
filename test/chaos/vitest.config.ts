import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../vitest.config.js';

// The long runs: `npm run chaos`. Short versions are specs in this folder.
const long = mergeConfig(base, defineConfig({ test: { testTimeout: 3_600_000, fileParallelism: false } }));

export default { ...long, test: { ...long.test, include: ['test/chaos/**/*.chaos.ts'] } };
