/** What a run of the PP simulator may choose; every choice is one that some site makes. */
export interface PpOptions {
  /** How the rows of a list stand in `items`; the published server keys them by id. */
  items?: 'keyed' | 'list';
  /** What stands there when there are no rows: nothing at all (published server), no `items`, `{}` (a clone), `[]` (PHP). */
  empty?: 'no-data' | 'no-items' | 'object' | 'list';
  /** Columns of the database as texts (published server) or as numbers (a clone). */
  numbers?: 'strings' | 'numbers';
  /** Language of the old API's texts; the user API is told by `API-LANG`. */
  language?: 'ru' | 'en';
  /** false = the partner's API is off: "Api disabled". */
  enabled?: boolean;
  /** false = the module is off: HTTP 501 with an empty body. */
  module?: boolean;
  /** What the site's wall clock is ahead of UTC. */
  utcOffsetMinutes?: number;
  minPayout?: string;
  /** What the site holds of each payout currency. */
  reserve?: string;
  /** Earned in older times, beside the seeded exchanges. */
  earnedBefore?: string;
}
