import pg from 'pg';
import { KEPT_WARM, PreparedClient } from '#persistence';
import { STORE_SILENCE_MS } from '../core/timeouts.js';
import { silenceMs } from './lane-rules.js';

/** The lanes' own connections to Postgres, so that a question never waits behind other work; `timeoutMs` as for `PostgresLanes`. */
export const lanePool = (connectionString: string, max: number, timeoutMs?: number): pg.Pool =>
  new pg.Pool({
    connectionString,
    max,
    ...KEPT_WARM,
    connectionTimeoutMillis: STORE_SILENCE_MS,
    query_timeout: silenceMs(timeoutMs),
    application_name: 'loyalty-gateway-lanes',
    Client: PreparedClient as never,
  }).on('error', () => undefined);
