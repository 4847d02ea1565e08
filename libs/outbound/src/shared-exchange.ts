import type { Context, Send } from '#adapter-kit';
import { READ_MS } from './call-times.js';
import { connectionOf } from './connection.js';
import type { OpenConnection } from './connection.js';
import type { Core } from './core.js';
import { makeExchange } from './exchange.js';
import type { Made, Terms } from './exchange.js';

type Wish = Send & { context: Context };

/** A call that nobody waits for stands in the lane behind all others, and is over before the answer that it renews is out of date. */
const RENEWAL: Terms = { laneClass: 'bulk', laneBudgetMs: 8_000, timeoutMs: READ_MS };

/** An exchange whose answer may be shared for `cacheSeconds` by all who ask the same of one connection; others are made as they are. */
export function sharedExchange(
  core: Core,
  connection: OpenConnection,
  wish: Wish,
  terms: Terms,
): Promise<Made> {
  const { cacheSeconds: seconds } = wish.exchange;
  const call = () =>
    makeExchange(core, connection, wish, { ...terms, beforeSend: undefined, operationId: undefined });
  // Whoever wants to see the answer itself needs one of their own.
  if (!seconds || terms.seen) return call();
  const key = keyOf(connection, wish);
  if (wish.anew) core.cache.outdate(key);
  return core.cache.get(key, { seconds, call, renew: renewalOf(core, connection.id, wish, key) });
}

/** Opens the connection anew, since nobody keeps its credentials meanwhile; one that was paused, changed or deleted is not asked. */
function renewalOf(core: Core, connectionId: string, wish: Wish, key: string): () => Promise<Made> {
  return async () => {
    const connection = await connectionOf(core, { connectionId });
    if (!connection || connection.state === 'paused' || keyOf(connection, wish) !== key)
      return { kind: 'taken' };
    const { language } = wish.context;
    const context = { settings: connection.settings, now: core.now(), language };
    return makeExchange(core, connection, { ...wish, context }, RENEWAL);
  };
}

const keyOf = ({ id, baseUrl, settings }: OpenConnection, { exchange, ask }: Wish): string =>
  [id, exchange.name, JSON.stringify(ask), baseUrl, JSON.stringify(settings)].join(' ');
