import type { SimulatedAnswer } from '#adapter-kit/testing';

/** Options for what the provider's documentation leaves open. */
export interface LoyalClientDialect {
  /** Which holds end with a new operation, besides those that it names: none, all of that point, or all of that client. */
  holdRelease: 'own' | 'point' | 'client';
  /** Where a refusal contains the map of field to text; `sentence` = no map, but the text itself under `error`. */
  envelope: 'bare' | 'errors' | 'error' | 'sentence' | 'success-false';
  /** Whether the text of a refusal is in a list. */
  text: 'text' | 'list';
  /** HTTP status of a refusal: 422 as documented, or 200 as some servers of this kind do. */
  refusalStatus: 422 | 200;
  /** Kopecks are kept, rounded to whole units, or refused. */
  fractions: 'decimal' | 'whole' | 'refuse';
  /** Which forms of a phone `search` accepts. */
  phoneSearch: 'digits' | 'plus' | 'any';
  /** How a wrong key is answered. */
  badKey: 401 | 403 | 422;
  /** The longest hold in minutes, whatever was requested: `until` may be earlier than requested. */
  maxHoldMinutes: number;
}

/** The strictest interpretation of the documentation. */
export const usualDialect: LoyalClientDialect = {
  holdRelease: 'point',
  envelope: 'bare',
  text: 'text',
  refusalStatus: 422,
  fractions: 'decimal',
  phoneSearch: 'digits',
  badKey: 401,
  maxHoldMinutes: 30,
};

/** A refusal of LoyalClient; the field is one of the request. */
export class Complaint extends Error {
  constructor(
    readonly field: string,
    text: string,
    readonly status?: number,
  ) {
    super(text);
  }
}

/** A refusal in the chosen dialect. */
export function refused({ field, message, status }: Complaint, dialect: LoyalClientDialect): SimulatedAnswer {
  const text = dialect.text === 'list' ? [message] : message;
  const map = { [field]: text };
  const bodies = {
    bare: map,
    errors: { errors: map },
    error: { error: map },
    sentence: { error: text },
    'success-false': { success: false, ...map },
  };
  const answered = status ?? dialect.refusalStatus;
  const body = bodies[dialect.envelope];
  return { status: answered, body: answered === 200 ? { success: false, ...body } : body };
}
