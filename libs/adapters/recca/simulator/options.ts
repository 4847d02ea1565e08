/** Options of the Recca simulator where the documentation says nothing. */
export interface ReccaOptions {
  /** The answer to a second registration with the same `external_order_id`: the same conversion, another one, or 409. */
  repeatedOrder?: 'same' | 'duplicate' | 'conflict';
  /** The answer to another order for a lead that was sold to before: another conversion, or the first one. */
  secondSale?: 'another' | 'first';
  /** The answer to a contact whom the referrer has handed over before: another lead, or the first one. */
  repeatedContact?: 'another' | 'first';
  /** The depth limit of a tree. */
  depthCap?: number;
  /** The lifetime of a token of the popup. */
  tokenMinutes?: number;
  /** The largest page, whatever is requested. */
  largestPage?: number;
  /** How long a registered sale takes to show at its lead. */
  leadLagMinutes?: number;
  /** Contact names in lists as "Анна П.". */
  shortNames?: boolean;
}
