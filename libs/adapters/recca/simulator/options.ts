/** What a run of the Recca simulator may choose where the document is silent. */
export interface ReccaOptions {
  /** What a second registration with the same `external_order_id` gets: the same conversion, another one, or 409. */
  repeatedOrder?: 'same' | 'duplicate' | 'conflict';
  /** The deepest level of a tree that is ever shown. */
  depthCap?: number;
  /** How long a token of the popup lives. */
  tokenMinutes?: number;
  /** The largest page that is given, whatever is asked. */
  largestPage?: number;
  /** Contact names in lists as "Анна П.". */
  shortNames?: boolean;
}
