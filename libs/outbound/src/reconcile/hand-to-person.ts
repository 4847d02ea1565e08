import type { Search } from '#persistence';
import type { Core } from '../core/core.js';
import { settle } from '../run/settle.js';
import type { ClaimedOperation } from '../run/settlement.js';

/** Hands the operation to a person (`needs-review`). */
export async function handToPerson(
  core: Core,
  at: ClaimedOperation,
  search: Search,
  evidence: 'weak' | 'none',
): Promise<void> {
  await settle(core, at, {
    state: 'needs-review',
    evidence,
    reconcile: { ...search, nextAt: undefined },
  });
}
