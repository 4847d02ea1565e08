/** What a run may choose where UDS can be set up either way, or where nothing public says how it behaves. */
export interface UdsSimulatorOptions {
  /** The company's policy: pay with points, or a discount at once. */
  policy: 'CHARGE_SCORES' | 'APPLY_DISCOUNT';
  currency: string | null;
  purchaseByPhone: boolean;
  usePointsByPhone: boolean;
  /** Accrued points reach the balance after so many days. */
  deferPointsForDays: number;
  /** UNKNOWN at the real one: what a nonce that was used already is answered. Nothing is ever booked twice. */
  repeatedNonce: 'same-operation' | 'not-found' | 'conflict' | 'bad-request';
  /** A receipt number that is booked already is refused with 409 `receiptExists`, as one client's table has it. */
  receiptExists: boolean;
  /** The subscription lapsed: everything is refused. */
  companyIsInactive: boolean;
  /** When given, other `cashier.externalId`s are refused with `cashierNotFound`. */
  cashiers?: string[];
  /** `operation.points` of a purchase that redeems and earns: both in one number, or what was redeemed alone. */
  operationPoints: 'net' | 'redeemed';
  /** How the ledger is listed; newest first is what clients rely on. */
  listOrder: 'newest-first' | 'oldest-first';
  /** `GET /customers` tells a cursor, which its schema does not name. */
  customersCursor: boolean;
}

/** A company that pays with points, and the kindest reading of what nobody knows. */
export const usualOptions: UdsSimulatorOptions = {
  policy: 'CHARGE_SCORES',
  currency: 'RUB',
  purchaseByPhone: true,
  usePointsByPhone: false,
  deferPointsForDays: 0,
  repeatedNonce: 'same-operation',
  receiptExists: false,
  companyIsInactive: false,
  operationPoints: 'net',
  listOrder: 'newest-first',
  customersCursor: false,
};
