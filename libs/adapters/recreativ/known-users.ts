import { defineExchange } from '#adapter-kit';
import { readAs } from './answer-fields.js';
import { RecreativUser } from './models.js';
import { isBare } from './paging.js';
import { sameLogin } from './same-login.js';
import type { Login } from './same-login.js';
import { LARGEST_PAGE } from './users.js';
import { get, sheetOf, wholeOf } from './wire.js';

/** The accounts before a registration, page by page. */
export interface Known {
  ids: string[];
  /** How many accounts are listed up to here, and the greatest id of them. */
  count?: number;
  greatest?: string;
  /** There are more pages after the last one that was read. */
  more: boolean;
  /** The first row of this page. */
  first?: string;
  /** A page had an empty value instead of rows: its rows are unknown. */
  blank?: true;
}

/** `first` is the first row of the page before. */
type KnownAsk = Login & { page: number; known: string[] } & Pick<Known, 'count' | 'greatest' | 'first'>;

/** The accounts that already have the login or the e-mail address; only ids, passed from page to page, since steps are stored. */
export const knownUsers = defineExchange<KnownAsk, Known>({
  name: 'known-users',
  call: 'GET /advertiser/users (before)',
  retryClass: 'read',
  request: ({ page }) => get('/advertiser/users', { 'per-page': String(LARGEST_PAGE) }, page),
  read: (answer, { page, known, count = 0, greatest, first, ...login }) => {
    const { blank, ...sheet } = sheetOf(answer, page, row => readAs(RecreativUser, row));
    // The list may be empty: that must not prevent the registration of the first customer.
    const { rows, more } = wholeOf(sheet);
    // The same page again: this server has no paging, and its rows were counted.
    if (first !== undefined && rows[0]?.id === first)
      return { ids: known, more: false, first, count, greatest };
    const ids = rows.filter(row => sameLogin(row, login) !== 'no').map(({ id }) => id);
    return {
      ids: [...new Set([...known, ...ids])],
      more: more || (isBare(answer) && rows.length > 0),
      first: rows[0]?.id,
      count: count + new Set(rows.map(({ id }) => id)).size,
      greatest: rows.reduce((most, { id }) => (isNewer(id, most) ? id : most), greatest),
      ...(blank && { blank }),
    };
  },
});

/** Whether an account is younger than the greatest known one. Recreativ counts its accounts; ids that are not numbers are not compared. */
export function isNewer(id: string, greatest: string | undefined): boolean {
  const areNumbers = [id, greatest ?? ''].every(one => /^\d+$/.test(one));
  return !areNumbers || BigInt(id) > BigInt(greatest!);
}
