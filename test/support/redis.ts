import { Redis } from 'ioredis';
import { startRedis, type RedisServer } from './redis-server.js';
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

/** Starts a node of a Redis Cluster that owns no slots yet and keeps its file in `dir`; the caller stops it. */
export async function clusterNode(dir: string): Promise<RedisServer> {
  return startRedis(await service('redis-program'), undefined, ['--dir', dir, '--cluster-enabled', 'yes']);
}

/** A user of this Redis who may use everything but one category of commands, and what is allowed to them later. */
export async function limitedUser(server: FlushableRedis, forbidden: `-@${string}`) {
  const set = async (...rules: string[]) => {
    const admin = new Redis(server.url);
    await admin.acl('SETUSER', 'shop', ...rules).finally(() => admin.disconnect());
  };
  await set('on', '>secret', '~*', '&*', '+@all', forbidden);
  const url = Object.assign(new URL(server.url), { username: 'shop', password: 'secret' }).toString();
  return { url, allow: (command: `+${string}`) => set(command) };
}
