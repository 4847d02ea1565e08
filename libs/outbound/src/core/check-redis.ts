import { Redis } from 'ioredis';

/** Redis answers, but lets nobody in by this address, or has no database of this number. */
export class RedisRefused extends Error {}

const PATIENCE_MS = 2_000;
const refused = /^(NOAUTH|WRONGPASS|NOPERM|ERR (DB index|invalid password|AUTH))/;

/** Throws `RedisRefused` where Redis refuses the address itself: the clients would go on without a database, or try for ever. One that is away is no fault of the address. */
export async function checkRedis(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  const said: string[] = [];
  redis.on('error', ({ message }: Error) => said.push(message));
  const late = setTimeout(() => redis.disconnect(), PATIENCE_MS);
  await redis
    .connect()
    .then(() => redis.ping())
    .catch(() => undefined);
  clearTimeout(late);
  redis.disconnect();
  const no = said.find(message => refused.test(message));
  if (no) throw new RedisRefused(no);
}
