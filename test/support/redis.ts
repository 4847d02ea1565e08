import { startRedis } from './redis-server.js';
import { service } from './service.js';

/** The run's shared Redis. Use keys and queue prefixes of your own; never flush it. */
export function redisUrl(): Promise<string> {
  return service('redis');
}

/** A Redis of the caller's own, to be flushed, stopped and started again at the same address, always empty. */
export interface FlushableRedis {
  url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a Redis that no other test uses. The caller stops it. */
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
