import type { Context, Send } from '#adapter-kit';
import { READ_MS } from '../core/timeouts.js';
import { ranks } from '../lanes/lane-rules.js';
import { connectionOf } from '../connections/connection.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { makeExchange } from './exchange.js';
import type { ExchangeOutcome, ExchangeTerms } from './exchange.js';

type Wish = Send & { context: Context };

/** A renewal nobody waits for: lowest class, and finished before the cached answer expires. */
const RENEWAL: ExchangeTerms = { laneClass: 'bulk', laneBudgetMs: 8_000, timeoutMs: READ_MS };

/** Makes an exchange, or shares its answer for `cacheSeconds` among all who ask the same of one connection. A shared answer belongs to no operation, so it needs no claim. */
export function makeOrShareExchange(
  core: Core,
  connection: OpenConnection,
  wish: Wish,
  terms: ExchangeTerms,
): Promise<ExchangeOutcome> {
  const { cacheSeconds: seconds, keeps } = wish.exchange;
  // A caller who wants the raw answer needs a call of their own.
  if (!seconds || terms.seen) return makeExchange(core, connection, wish, terms);
  const askedAt = performance.now();
  const call = () =>
    makeExchange(core, connection, wish, {
      ...terms,
      // The caller may have waited for another's call first.
      laneBudgetMs: Math.max(0, terms.laneBudgetMs - (performance.now() - askedAt)),
      beforeSend: undefined,
      operationId: undefined,
    });
  const key = keyOf(connection, wish);
  if (wish.anew) core.cache.outdate(key);
  return core.cache.get(key, {
    seconds,
    keeps,
    call,
    renew: renewalOf(core, connection.id, wish, key),
    rank: ranks[terms.laneClass],
    until: terms.deadlineAt ?? askedAt + terms.laneBudgetMs + terms.timeoutMs,
  });
}

/** The answer that would be shared without a request, if there is one. */
export function sharedAnswer(core: Core, connection: OpenConnection, wish: Wish): unknown {
  const { cacheSeconds: seconds } = wish.exchange;
  return seconds && !wish.anew ? core.cache.fresh(keyOf(connection, wish), seconds)?.result : undefined;
}

/** Opens the connection again, since credentials are not kept in memory; skipped if it was paused, changed or deleted. */
function renewalOf(
  core: Core,
  connectionId: string,
  wish: Wish,
  key: string,
): () => Promise<ExchangeOutcome> {
  return async () => {
    const connection = await connectionOf(core, { connectionId });
    if (!connection || connection.state === 'paused' || keyOf(connection, wish) !== key)
      return { kind: 'taken' };
    const { language } = wish.context;
    const context = { settings: connection.settings, now: core.now(), language };
    return makeExchange(core, connection, { ...wish, context }, RENEWAL);
  };
}

// With the key's fingerprint: another process may have rotated it, and the new one may be another company's.
const keyOf = ({ id, lane, baseUrl, settings }: OpenConnection, { exchange, ask }: Wish): string =>
  [id, lane.fingerprint, exchange.name, JSON.stringify(ask), baseUrl, JSON.stringify(settings)].join(' ');
