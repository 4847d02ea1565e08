import type { Context, Send } from '#adapter-kit';
import type { OpenConnection } from './connection.js';
import type { Core } from './core.js';
import { makeExchange } from './exchange.js';
import type { Made, Terms } from './exchange.js';

/** An exchange whose answer may be shared for `cacheSeconds` by all who ask the same of one connection; others are made as they are. */
export function sharedExchange(
  core: Core,
  connection: OpenConnection,
  wish: Send & { context: Context },
  terms: Terms,
): Promise<Made> {
  const { exchange, ask } = wish;
  const make = () =>
    makeExchange(core, connection, wish, { ...terms, beforeSend: undefined, operationId: undefined });
  // Whoever wants to see the answer itself needs one of their own.
  if (!exchange.cacheSeconds || terms.seen) return make();
  const key = [
    connection.id,
    exchange.name,
    JSON.stringify(ask),
    connection.baseUrl,
    JSON.stringify(connection.settings),
  ].join(' ');
  if (wish.anew) core.cache.outdate(key);
  return core.cache.get(key, exchange.cacheSeconds, make);
}
