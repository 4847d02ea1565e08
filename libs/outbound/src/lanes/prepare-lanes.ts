import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { laneSchemaSql } from './lane-schema.sql.js';

const version = createHash('sha256').update(laneSchemaSql).digest('hex').slice(0, 16);

// By their names: a function of an older release may take what none takes today.
const dropAll = `
do $$
declare found regprocedure;
begin
  drop table if exists lane_epoch, lane_log cascade;
  for found in select oid from pg_proc where pronamespace = current_schema()::regnamespace and proname like 'lane\\_%' loop
    execute format('drop function %s cascade', found);
  end loop;
end $$;`;

/** Makes the lanes' tables and functions, or makes them anew where another release left its own: a lane's memory is a second long, and a store without memory holds every lane for one window. */
export async function prepareLanes(client: Pick<ClientBase, 'query'>): Promise<void> {
  const known = `select obj_description(to_regclass('lane_log'), 'pg_class') as version`;
  const { rows } = await client.query<{ version: string | null }>(known);
  if (rows[0]?.version === version) return;
  // Several statements in one text are one transaction.
  await client.query(`${dropAll} ${laneSchemaSql} comment on table lane_log is '${version}';`);
}
