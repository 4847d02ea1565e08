import { IsChoice, IsText } from './fields.js';
import { compareMoney, roundMoney } from './money.js';
import type { Money } from './money.js';

/** The meaning of each warning; `detail` says what it is about. */
export const warningTable = {
  'amount-mismatch':
    'The till expects another amount (`receipt.expectedPayable`) than the one to pay. A purchase is refused for this where the amount is known before it is booked.',
  'redeem-requires-code':
    'Points cannot be redeemed with this identifier: a purchase that does so would be refused.',
  'not-transmitted': 'The provider has no field for this value; only the gateway stores it.',
  'provider-figures-differ':
    'The provider calculated or booked other figures than the ones sent, or its figures contradict each other. They are shown as it sent them; a person should check the sale or the refund.',
};

/** A code of the warnings table. */
export type WarningCode = keyof typeof warningTable;

/** Every code of a warning. */
export const warningCodes = Object.keys(warningTable) as WarningCode[];

/** A warning about an answer that is nevertheless correct. */
export class Warning {
  @IsChoice(warningCodes, {
    name: 'WarningCode',
    description: 'What each code means is listed in docs/errors.md.',
    example: 'provider-figures-differ',
  })
  code!: WarningCode;

  @IsText({ example: 'The value of `cash` booked by the provider differs from the one sent.', max: 1000 })
  detail!: string;

  @IsText({ optional: true, example: '/receipt/redeemPoints', description: 'JSON pointer into the request.' })
  pointer?: string;
}

/** The warning for figures of a provider that differ from the ones sent, or contradict each other. */
export const figuresDiffer = (detail: string, pointer?: string): Warning => ({
  code: 'provider-figures-differ',
  detail,
  ...(pointer !== undefined && { pointer }),
});

/** A warning for each value, by its pointer, that was given although the provider has no field for it. */
export const noFieldFor = (provider: string, values: Record<string, unknown>): Warning[] =>
  Object.keys(values)
    .filter(pointer => values[pointer] !== undefined)
    .map(pointer => ({
      code: 'not-transmitted',
      detail: `${provider} has no field for this; only the gateway stores it.`,
      pointer,
    }));

/** The warning for a till that expects another amount than the one to pay, if it does. */
export function otherThanExpected(expected: Money | undefined, payable: Money): Warning[] {
  if (!expected || compareMoney(expected, payable) === 0) return [];
  const detail = `The till expects ${roundMoney(expected).amount}, but the amount to pay is ${payable.amount}.`;
  return [{ code: 'amount-mismatch', detail, pointer: '/receipt/expectedPayable' }];
}
