import { startRedis } from './redis-server.js';
import { service } from './service.js';

/** The run's shared Redis. Use your own keys and queue prefixes; never flush it. */
export function redisUrl(): Promise<string> {
  return service('redis');
}

/** A private Redis that can be flushed, stopped and restarted empty at the same address. */
export interface FlushableRedis {
  url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a private Redis, which the caller stops. */
export async function flushableRedis(): Promise<FlushableRedis> {
  const program = await service('redis-program');
  let server = await startRedis(program);
  const { url, port } = server;
  return {
    url,
    stop: () => server.stop(),
    start: async () => {
      server = await startRedis(program, port);
    },
  };
}
