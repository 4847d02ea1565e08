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
  /** The capability that the provider lacks, e.g. `createRefund`. */
  capability?: string;
  operationId?: string;
  /** The maximum number of points for this receipt, as a decimal string. */
  maxRedeemPoints?: string;
  /** Sent as the `Retry-After` header. */
  retryAfterSeconds?: number;
  /** Overrides the table's outcome if more is known in this case. */
  outcome?: Outcome;
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

/** A value of the body that has the right type and cannot be accepted all the same: 422 with its pointer. */
export const fieldRefusal = (pointer: string, detail: string): Refusal =>
  new Refusal('validation-failed', {
    detail: `${pointer}: ${detail}`,
    errors: [{ pointer, code: 'validation-failed', detail }],
  });
