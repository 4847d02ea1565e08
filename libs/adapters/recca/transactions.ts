import { providerTime } from '#canonical';
import type { Money, Page, PageAsk, ProviderRefs, TransactionData } from '#canonical';
import { defineExchange } from '#adapter-kit';
import type { Reader } from '#adapter-kit';
import { bodyAbout } from './body.js';
import { fromKopecks } from './kopecks.js';
import { pageOf, pageQuery, refuseDates } from './pages.js';
import { embedErrors } from './refusal.js';
import { embedRead } from './request.js';

type Bonuses = Page<TransactionData> & { totals?: { cleared?: Money; pending?: Money } };

/** A person's bonuses; the form of a row is not documented, so every likely name of a field is read. */
export const listTransactions = defineExchange<PageAsk & { refs: ProviderRefs }, Bonuses>({
  name: 'list-bonuses',
  call: 'GET /embed/v1/data/bonuses/{user_id}',
  retryClass: 'read',
  errors: embedErrors,
  request: ask => {
    refuseDates(ask);
    return embedRead('bonuses', ask.refs, pageQuery(ask));
  },
  read: (answer, ask) => {
    const body = bodyAbout(answer, ask.refs);
    const totals = body.at('totals');
    const currency = totals.at('currency');
    return {
      ...pageOf(body, 'transactions', ask, row => bonusOf(row, currency)),
      totals: {
        cleared: fromKopecks(totals.at('cleared_kopecks'), currency),
        pending: fromKopecks(totals.at('pending_kopecks'), currency),
      },
    };
  },
});

function bonusOf(row: Reader, currency: Reader): TransactionData {
  const first = (...names: string[]) =>
    names.map(name => row.at(name).text()).find(text => text !== undefined);
  const type = first('type', 'kind');
  const status = first('status', 'state');
  const time = first('occurred_at', 'created_at', 'date');
  return {
    providerRef: first('id', 'transaction_id', 'bonus_id'),
    // A row in the list of bonuses is a bonus, unless Recca's own type says otherwise.
    type: type === undefined || /bonus|accrual|reward/i.test(type) ? 'bonus' : 'other',
    status,
    providerStatus: status,
    amount: fromKopecks(row.at('amount_kopecks'), row.at('currency').present ? row.at('currency') : currency),
    description: first('description', 'title', 'reason'),
    occurredAt: time && providerTime(time),
    relativeTime: first('relative_time'),
  };
}
