import pg from 'pg';
import { KEPT_WARM, PreparedClient } from '#persistence';
import { silenceMs } from './lane-rules.js';

const CONNECT_MS = 5_000;

/** The lanes' own connections to Postgres, so that a question never waits behind other work; `timeoutMs` as for `PostgresLanes`. */
export const lanePool = (connectionString: string, max: number, timeoutMs?: number): pg.Pool =>
  new pg.Pool({
    connectionString,
    max,
    ...KEPT_WARM,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: silenceMs(timeoutMs),
    application_name: 'loyalty-gateway-lanes',
    Client: PreparedClient as never,
  }).on('error', () => undefined);
