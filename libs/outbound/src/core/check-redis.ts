import { Redis } from 'ioredis';

/** Redis answers, but lets nobody in by this address, has no database of this number, has not all keys, or does not tell of itself. */
export class RedisRefused extends Error {}

const PATIENCE_MS = 2_000;
/** A key of each tag: where a Cluster keeps one on another node, every script of the lanes or of the queues would fail. */
const KEYS = ['{lane}', '{loyalty}'];
const SHARDED =
  'it is a Cluster of several shards, or a replica of one: the address must lead to the one node that has all keys';
/** Old servers say "this user has no permissions to run the 'info' command or its subcommand". */
const forbidden = /^NOPERM .*'info/;
const refused = /^(MOVED |NOAUTH|WRONGPASS|NOPERM|ERR (DB index|invalid password|AUTH))/;

/** Throws `RedisRefused` where Redis refuses the address itself, or sends to another node: the clients would go on without a database, or try for ever. One that is away is no fault of the address. */
export async function checkRedis(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  const said: string[] = [];
  redis.on('error', ({ message }: Error) => said.push(message));
  const late = setTimeout(() => redis.disconnect(), PATIENCE_MS);
  await redis
    .connect()
    // INFO shows the limiter that its server is another one, and BullMQ what its server can do.
    .then(() => Promise.all([...KEYS.map(key => redis.exists(key)), redis.info('server')]))
    .catch(
      ({ message }: Error) => (message.startsWith('MOVED ') || forbidden.test(message)) && said.push(message),
    );
  clearTimeout(late);
  redis.disconnect();
  const no = said.find(message => refused.test(message));
  if (no) throw new RedisRefused(no.startsWith('MOVED ') ? SHARDED : no);
}
