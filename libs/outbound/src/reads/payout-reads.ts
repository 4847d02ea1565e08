import type { Page, Payout, PayoutData, PayoutStatus } from '#canonical';
import { supportFor } from '../connections/capability.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { masked } from '../kinds/payout.kind.js';
import { syncRecords, recordIds } from './provider-records.js';
import { pageAsk } from './provider-page.js';
import type { PageRequest } from './provider-page.js';
import { read } from './read.js';
import type { ReadTerms } from './read.js';

const PAYOUT = { type: 'payout', prefix: 'pay' } as const;

/** Payouts at the provider, each with our id; accounts are masked. */
export async function listPayouts(
  core: Core,
  connection: OpenConnection,
  { status, ...wish }: PageRequest & { status?: PayoutStatus },
  terms: ReadTerms,
): Promise<Page<Payout>> {
  supportFor(connection, 'listPayouts');
  // Adapters whose provider sends everything at once take the status too, so that pages are full; the others leave it to us.
  const ask = { ...pageAsk(wish), ...(status ? { status } : {}) };
  const { data, next } = await read(core, connection, 'listPayouts', ask, terms);
  const shown = data.filter(payout => !status || payout.status === status);
  const names = namesOf(core, connection, shown);
  const met = await syncRecords(
    core,
    connection,
    PAYOUT,
    names.map(providerRef => ({ providerRef })),
  );
  const payouts = shown.map(({ account, nth: _, ...told }, index): Payout => {
    return { ...recordIds(met.get(names[index]!)!), ...told, accountMasked: masked(account ?? '') };
  });
  return { data: payouts, next };
}

/** What each payout is remembered under: the provider's id, or a fingerprint of all that does not change where it gives none. */
function namesOf(core: Core, connection: OpenConnection, payouts: readonly PayoutData[]): string[] {
  return payouts.map(({ providerRef, createdAt, account, methodId, amount, originalAmount, nth = 1 }) => {
    if (providerRef !== undefined) return providerRef;
    const facts = JSON.stringify([connection.id, createdAt, account, methodId, amount, originalAmount]);
    const print = core.vault.fingerprint('payout', facts).slice(0, 40);
    return `~${print}~${nth}`;
  });
}
