import { sendAnew } from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import type { ConversionAsk } from '#canonical';
import { PAGE, findLeads } from './leads.js';

// A thousand converted leads of one referrer, or 200 in small pages; with more, a person has to check.
const MOST_PAGES = 10;

/** Whether the lead of a sale is converted now; `undefined` = it may be, on a page or in a row that was not read. */
export function* findConverted(
  { referrer: refs, leadRef }: ConversionAsk,
  { limit = PAGE, mostPages = MOST_PAGES }: { limit?: number; mostPages?: number },
): PlanRun<boolean | undefined> {
  let cursor: string | undefined;
  let odd = 0;
  for (let page = 0; page < mostPages; page++) {
    // Never a page that an earlier attempt has read.
    const leads = yield* sendAnew(findLeads, { refs, status: 'converted', limit, cursor });
    if (leads.data.some(lead => lead.providerRef === leadRef && lead.status === 'converted')) return true;
    odd += leads.odd;
    if (!leads.next) return odd > 0 ? undefined : false;
    cursor = leads.next;
  }
  return undefined;
}
