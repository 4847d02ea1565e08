/** Options of the PP simulator; each value occurs at some site. */
export interface PpOptions {
  /** The form of `items`; the published server keys the rows by id. */
  items?: 'keyed' | 'list';
  /** The form of a list without rows: no data (published server), no `items`, `{}` (a clone), `[]` (PHP). */
  empty?: 'no-data' | 'no-items' | 'object' | 'list';
  /** Columns of the database as texts (published server) or as numbers (a clone). */
  numbers?: 'strings' | 'numbers';
  /** The language of the old API's texts; the user API has the header `API-LANG`. */
  language?: 'ru' | 'en';
  /** false = the partner's API is off: "Api disabled". */
  enabled?: boolean;
  /** false = the module is disabled: HTTP 501 with an empty body. */
  module?: boolean;
  /** How far the site's local time is ahead of UTC. */
  utcOffsetMinutes?: number;
  minPayout?: string;
  /** The site's reserve of each payout currency. */
  reserve?: string;
  /** Earned earlier, besides the seeded exchanges. */
  earnedBefore?: string;
}
