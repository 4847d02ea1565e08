/** What a run of Recreativ's simulator may choose where the document is silent. */
export interface RecreativOptions {
  /** Lists come in pages with X-Pagination headers, as Yii does it; false = all rows at once. */
  paging?: boolean;
  /** What is answered when `Accept` names neither JSON nor XML. */
  format?: 'json' | 'xml';
  /** Whether a 201 carries the new object; Yii's own create sends it, the document shows `Location` alone. */
  createdBody?: boolean;
  /** Referrals beside the four that the README names: enough for a second page. */
  referrals?: number;
}
