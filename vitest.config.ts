import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The libraries are imported by their `#name`; the condition picks their sources instead of dist.
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  // Where the global setup is loaded.
  environments: { __vitest__: { resolve: { conditions: ['source', 'node'] } } },
  test: {
    include: ['libs/**/*.spec.ts', 'apps/**/*.spec.ts', 'test/**/*.spec.ts'],
    pool: 'threads',
    isolate: false,
    // The longest files mostly wait for providers that are silent: three at a time keep a machine of two cores busy.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    setupFiles: ['reflect-metadata'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 180_000,
    // Also where the first hook has to wait for a package of the system.
    hookTimeout: 300_000,
    // A condition is waited for, however busy the machine is; only a true failure takes this long.
    expect: { poll: { timeout: 60_000, interval: 50 } },
  },
});
