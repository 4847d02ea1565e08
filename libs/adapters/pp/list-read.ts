import { defineExchange } from '#adapter-kit';
import type { Exchange } from '#adapter-kit';
import type { Range } from '#canonical';
import { undocumented } from './refusal.js';
import { request } from './request.js';
import type { Method } from './request.js';
import { windowForm } from './rows.js';

/** One reading of a list, which PP limits by time only; every reading is its own exchange. */
export const listRead = <Ask extends Range, Result>(
  method: Method,
  own: Pick<Exchange<Ask, Result>, 'name' | 'call' | 'cacheSeconds' | 'keeps' | 'read'>,
): Exchange<Ask, Result> =>
  defineExchange({
    ...own,
    retryClass: 'read',
    accepts: undocumented,
    request: (ask, context) => request(method, context, windowForm(ask)),
  });
