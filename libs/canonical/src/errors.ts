import { customerErrors } from './errors/customer-errors.js';
import type { ErrorRow } from './errors/error-row.js';
import { providerErrors } from './errors/provider-errors.js';
import { requestErrors } from './errors/request-errors.js';
import { saleErrors } from './errors/sale-errors.js';

export type { ErrorRow } from './errors/error-row.js';

const rows = { ...requestErrors, ...customerErrors, ...saleErrors, ...providerErrors };

/** A code of the errors table. */
export type ErrorCode = keyof typeof rows;

/** The errors table: the only place that defines a code's status, its `retryable` and its texts. */
export const errorTable: Readonly<Record<ErrorCode, ErrorRow>> = rows;

/** Every code, in the order of HTTP status. */
export const errorCodes = (Object.keys(errorTable) as ErrorCode[]).sort(
  (a, b) => errorTable[a].status - errorTable[b].status,
);

/** Whether the text is a code of the errors table. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorTable, text);
}
