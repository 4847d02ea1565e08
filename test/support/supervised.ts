import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#persistence/embedded';
import { vi } from 'vitest';
import { builtFile } from './built.js';

/** Everything that `npm start` starts, on free ports and in a directory of its own. */
export interface Supervised {
  /** The gateway's address. */
  url: string;
  /** The sandbox's address. */
  sandbox: string;
  dataDir: string;
  close(): Promise<void>;
}

/** Starts it, and waits until it is ready. */
export async function startSupervised(): Promise<Supervised> {
  const dataDir = await mkdtemp(join(tmpdir(), 'supervised-'));
  // Accessible to the database's user, who is not root.
  await chmod(dataDir, 0o755);
  const [port, sandboxPort] = [await freePort(), await freePort()];
  const file = await builtFile('apps/gateway/src/supervisor/main.js');
  const supervisor = spawn(process.execPath, [file], {
    env: {
      PATH: process.env['PATH'],
      DATA_DIR: dataDir,
      PORT: String(port),
      SANDBOX_PORT: String(sandboxPort),
    },
  });
  let said = '';
  supervisor.stdout.on('data', chunk => (said += chunk));
  supervisor.stderr.on('data', chunk => (said += chunk));
  await vi.waitUntil(() => said.includes('The gateway is ready'), { timeout: 90_000 });
  return {
    url: `http://127.0.0.1:${port}`,
    sandbox: `http://127.0.0.1:${sandboxPort}`,
    dataDir,
    close: async () => {
      const end = once(supervisor, 'close');
      supervisor.kill('SIGTERM');
      await end;
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
