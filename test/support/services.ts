import { buildApps } from './build-apps.js';
import { debianProgram } from './debian-program.js';
import { redisProgram, startRedis } from './redis-server.js';
import { startServer } from './server.js';
import { startTemplate } from './template-database.js';

/** A service that runs as long as the tests. */
export interface Service {
  /** The value passed to tests. */
  address: string;
  stop?(): Promise<void>;
}

const STARTS: Record<string, () => Promise<Service>> = {
  postgres: startTemplate,
  redis: async () => {
    if (process.env['REDIS_URL']) return { address: process.env['REDIS_URL'] };
    const { url, stop } = await startRedis(await redisProgram());
    return { address: url, stop };
  },
  'redis-program': async () => ({ address: await redisProgram() }),
  // Empty if absent: tests that need it are skipped with a reason.
  chromium: async () => ({ address: (await debianProgram('chromium')) ?? '' }),
  nginx: async () => ({ address: (await debianProgram('nginx', 'nginx-light')) ?? '' }),
  build: async () => ({ address: await buildApps() }),
};

/** Services shared by all test threads, reached over HTTP, which works from every kind of worker. */
export async function startServices(): Promise<{ url: string; close(): Promise<void> }> {
  const started = new Map<string, Promise<Service>>();
  const ask = (name: string) => {
    const service = started.get(name) ?? STARTS[name]?.() ?? Promise.reject(new Error(`No service ${name}`));
    started.set(name, service);
    return service;
  };
  const server = await startServer((request, response) => {
    ask(request.url?.slice(1) ?? '').then(
      service => response.end(service.address),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    );
  });
  const close = async () => {
    await server.close();
    for (const start of await Promise.allSettled(started.values())) {
      if (start.status === 'fulfilled') await start.value.stop?.();
    }
  };
  return { url: server.url, close };
}
