import type { StoredTenant } from '#persistence';
import type { EventCore } from './event-core.js';

const PAGE = 100;

/** All tenants, read page by page. */
export async function* eachTenant({ core, tenants }: EventCore): AsyncGenerator<StoredTenant> {
  for (let before: string | undefined; ;) {
    const page = await tenants.list(core.database.direct, { before, limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    before = page.at(-1)!.id;
  }
}
