/** Options of the Recreativ simulator where the documentation says nothing. */
export interface RecreativOptions {
  /** Lists have pages with X-Pagination headers, as in Yii; false = all rows at once. */
  paging?: boolean;
  /** The format if `Accept` contains neither JSON nor XML. */
  format?: 'json' | 'xml';
  /** Whether a 201 contains the new object, as in Yii's own `create`; documented is only `Location`. */
  createdBody?: boolean;
  /** Referrals besides the four in the README: enough for a second page. */
  referrals?: number;
}
