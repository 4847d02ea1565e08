import type { Redis } from 'ioredis';
import type pg from 'pg';

/** Every column of every row of every table, as text; bytes in hex. */
export async function dumpPostgres(client: pg.Client): Promise<string> {
  const parts: string[] = [];
  for (const { name } of await tables(client)) {
    const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
    parts.push(...rows.map(({ row }) => `${name} ${row}`));
  }
  return parts.join('\n');
}

/** From now on, keeps every version of every row, deleted ones included. */
export async function rememberRows(client: pg.Client): Promise<void> {
  await client.query(`create unlogged table canary_rows (origin text, content text)`);
  await client.query(`
    create function canary_keep() returns trigger language plpgsql security definer as $$
    begin
      insert into public.canary_rows values (tg_table_schema || '.' || tg_table_name, new::text);
      return null;
    end $$`);
  for (const { name } of await tables(client)) {
    if (name.includes('canary_rows')) continue;
    await client.query(
      `create trigger canary_keep after insert or update on ${name} for each row execute function canary_keep()`,
    );
  }
}

async function tables(client: pg.Client): Promise<{ name: string }[]> {
  const { rows } = await client.query<{ name: string }>(`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition
      and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1`);
  return rows;
}

/** Every key with its whole value. */
export async function dumpRedis(redis: Redis): Promise<string> {
  const parts: string[] = [];
  for (const key of await redis.keys('*')) parts.push(key, JSON.stringify(await valueOf(redis, key)));
  return parts.join('\n');
}

async function valueOf(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'stream':
      return redis.xrange(key, '-', '+');
    default:
      return undefined;
  }
}
