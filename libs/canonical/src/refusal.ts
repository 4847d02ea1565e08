import { errorTable, type ErrorCode } from './errors.js';
import type { Outcome } from './states.js';

/** One invalid field: a JSON pointer into the body (or `/query/…`), a code and a sentence. */
export type FieldFault = { pointer: string; code: string; detail: string };

/** What the provider answered; already redacted. */
export type ProviderWord = { name: string; status?: number; code?: string; message?: string };

/** Optional details of a refusal. */
export type RefusalMembers = {
  /** A sentence for the developer that is more specific than the table's. */
  detail?: string;
  errors?: FieldFault[];
  provider?: ProviderWord;
  /** The capability that the provider lacks, e.g. `refund.create`. */
  capability?: string;
  operationId?: string;
  /** The maximum number of points for this receipt, as a decimal string. */
  maxRedeemPoints?: string;
  /** Overrides the table's where a repeat may succeed. */
  retryable?: true;
  /** Sent as the `Retry-After` header; a retryable 429 or 503 without it gets a short one. */
  retryAfterSeconds?: number;
  /** Overrides the table's outcome if more is known in this case. */
  outcome?: Outcome;
  /** The write was taken back before it was sent: it may be entered again. */
  withdrawn?: true;
  /** The original error; only for logs. */
  cause?: unknown;
};

/** A problem to answer with: thrown anywhere, turned into `application/problem+json` at the edge. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: ErrorCode,
    readonly members: RefusalMembers = {},
  ) {
    super(members.detail ?? errorTable[code].detail, { cause: members.cause });
  }

  /** The HTTP status of the code. */
  get status(): number {
    return errorTable[this.code].status;
  }

  /** The sentence for the developer. */
  get detail(): string {
    return this.message;
  }
}

/** A refusal about one field of the caller's request, or several: JSON pointers into the body (or `/query/…`), and a sentence. */
export const refusalAt = (
  pointers: string | string[],
  detail: string,
  code: ErrorCode = 'validation-failed',
  more: RefusalMembers = {},
): Refusal =>
  new Refusal(code, {
    detail,
    ...more,
    errors: [pointers].flat().map(pointer => ({ pointer, code, detail })),
  });

/** The same in the words of our own validation, which begin with the pointer: for a value that has the right type and cannot be accepted all the same. */
export const fieldRefusal = (pointer: string, detail: string): Refusal =>
  refusalAt(pointer, detail, 'validation-failed', { detail: `${pointer}: ${detail}` });
