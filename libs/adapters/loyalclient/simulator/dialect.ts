import type { SimulatedAnswer } from '#adapter-kit/testing';

/** What the provider's document leaves open, chosen for a run. */
export interface LoyalClientDialect {
  /** Which holds end with a new operation, beside those that it names: none, all of that point, or all of that client. */
  holdRelease: 'own' | 'point' | 'client';
  /** Where the map of field to text stands in a refusal; `sentence` = no map, the text itself under `error`. */
  envelope: 'bare' | 'errors' | 'error' | 'sentence' | 'success-false';
  /** A refusal's text by itself, or in a list. */
  text: 'text' | 'list';
  /** HTTP status of a refusal: 422 as documented, or 200 as some servers of this kind do. */
  refusalStatus: 422 | 200;
  /** Kopecks are kept, rounded to whole units, or refused. */
  fractions: 'decimal' | 'whole' | 'refuse';
  /** Which forms of a phone `search` knows. */
  phoneSearch: 'digits' | 'plus' | 'any';
  /** How a wrong key is answered. */
  badKey: 401 | 403 | 422;
  /** Minutes that a hold lasts at most, whatever was asked: `until` comes earlier than the till hoped. */
  maxHoldMinutes: number;
}

/** The document read as harshly as it allows. */
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

/** LoyalClient says no; the field is one of the request's own. */
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
  const said = dialect.text === 'list' ? [message] : message;
  const map = { [field]: said };
  const bodies = {
    bare: map,
    errors: { errors: map },
    error: { error: map },
    sentence: { error: said },
    'success-false': { success: false, ...map },
  };
  const answered = status ?? dialect.refusalStatus;
  const body = bodies[dialect.envelope];
  return { status: answered, body: answered === 200 ? { success: false, ...body } : body };
}
