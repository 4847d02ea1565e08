import type { ConversionAsk, ConversionData, Money } from '#canonical';
import { Unreadable } from '#adapter-kit';
import type { Reader } from '#adapter-kit';
import { currencyOf, fromKopecks, toKopecks } from './kopecks.js';

const PENDING = /^(pending|waiting|processing|moderation|(on_?|in_?)?(hold|review))$/i;
const DENIED = /^(reject|declin|den(y|ied)|refus|cancel|fail|error|fraud|void)/i;

/** A sale as Recca has it if all went well. */
export const registered = ({ leadRef, merchantReference, amount }: ConversionAsk): ConversionData => ({
  leadRef,
  merchantReference,
  status: 'approved',
  amount,
});

/** Reads the answer to a registration. Throws `Unreadable` where it is about another sale, or its state denies it: Recca documents neither. */
export function readRegistered(body: Reader, ask: ConversionAsk): ConversionData {
  requireSame(body, ask);
  const providerStatus = body.at('status').text();
  if (DENIED.test(providerStatus ?? '')) throw new Unreadable('/status', 'denies the sale');
  return {
    ...registered(ask),
    ...(PENDING.test(providerStatus ?? '') && { status: 'pending' }),
    ...(providerStatus !== undefined && { providerStatus }),
    providerRef: body.at('conversion_id').needId(),
    bonuses: bonusesOf(body.at('cascaded_bonuses'), ask.amount),
  };
}

function requireSame(body: Reader, { leadRef, amount, merchantReference }: ConversionAsk): void {
  const sent: [string, string][] = [
    ['lead_id', leadRef],
    ['external_order_id', merchantReference],
  ];
  for (const [name, value] of sent) {
    const told = body.at(name).text();
    if (told !== undefined && told.toUpperCase() !== value.toUpperCase())
      throw new Unreadable(`/${name}`, 'is that of another sale');
  }
  const currency = body.at('currency').text();
  if (currency !== undefined && currencyOf(currency) !== amount.currency)
    throw new Unreadable('/currency', 'is that of another sale');
  const kopecks = body.at('amount_kopecks').decimal();
  if (kopecks !== undefined && Number(kopecks) !== toKopecks(amount))
    throw new Unreadable('/amount_kopecks', 'is that of another sale');
}

// All of them or none: an incomplete list would look like a smaller cascade than was paid. They are shares of the sale, and so in
// its currency.
function bonusesOf(list: Reader, sale: Money): ConversionData['bonuses'] {
  if (!Array.isArray(list.value)) return undefined;
  const bonuses = list.list().map(bonus => ({
    customerRef: bonus.at('user_id').text(),
    amount: fromKopecks(bonus.at('amount_kopecks'), bonus.at('currency'), sale.currency),
    tier: Number(bonus.at('tier').decimal() ?? Number.NaN),
  }));
  const whole = bonuses.every(
    ({ customerRef, amount, tier }) => customerRef && amount && Number.isSafeInteger(tier),
  );
  return whole ? (bonuses as NonNullable<ConversionData['bonuses']>) : undefined;
}
