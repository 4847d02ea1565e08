/** Options where UDS is configurable, or where its behaviour is not documented. */
export interface UdsSimulatorOptions {
  /** The company's policy: pay with points, or a discount at once. */
  policy: 'CHARGE_SCORES' | 'APPLY_DISCOUNT';
  currency: string | null;
  purchaseByPhone: boolean;
  usePointsByPhone: boolean;
  /** Accrued points reach the balance after so many days. */
  deferPointsForDays: number;
  /** UNKNOWN for the real one: the answer to a used nonce. Nothing is ever booked twice. */
  repeatedNonce: 'same-operation' | 'not-found' | 'conflict' | 'bad-request';
  /** A booked receipt number is refused with 409 `receiptExists`, as in one client's table of errors. */
  receiptExists: boolean;
  /** The subscription lapsed: everything is refused. */
  companyIsInactive: boolean;
  /** If given, other `cashier.externalId`s are refused with `cashierNotFound`. */
  cashiers?: string[];
  /** `operation.points` of a purchase that redeems and earns: the net, or only the redeemed points. */
  operationPoints: 'net' | 'redeemed';
  /** The order of the ledger; clients rely on newest first. */
  listOrder: 'newest-first' | 'oldest-first';
  /** `GET /customers` returns a cursor, which is not in its schema. */
  customersCursor: boolean;
}

/** A company that redeems points, with the most favourable behaviour where the real one is unknown. */
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
