import type { ConversionAsk, ConversionData } from '#canonical';
import { Unanswered, defineExchange, ifRefused, send, steps, undecided, unprovable } from '#adapter-kit';
import type { PlanRun, Reconcile, ReconcileContext, Verdict } from '#adapter-kit';
import { bodyOf } from './body.js';
import { requireUnregistered } from './conversion-refused.js';
import { findConverted } from './converted-leads.js';
import { toKopecks } from './kopecks.js';
import { knownLeads, notRecorded, recordLeads } from './leads.js';
import type { KnownLeads } from './leads.js';
import { readRegistered, registered } from './registered.js';
import { federation } from './request.js';

/** Registers a sale to a lead. Whether a repeat with the same `external_order_id` pays twice is not documented. */
export const registerConversion = defineExchange<ConversionAsk, ConversionData>({
  name: 'register-conversion',
  call: 'POST /federation/v1/conversions/register',
  retryClass: 'reconcilable',
  doubts429: true,
  request: ({ leadRef, amount, merchantReference }) =>
    federation('/conversions/register', {
      lead_id: leadRef,
      amount_kopecks: toKopecks(amount),
      currency: amount.currency,
      external_order_id: merchantReference,
    }),
  read: (answer, ask) => readRegistered(bodyOf(answer), ask),
});

/** Reads which of the referrer's leads are already converted, if the referrer is known; then registers the sale. */
export const createConversion = steps(registerConversion, function* (ask: ConversionAsk, { firstSentAt }) {
  toKopecks(ask.amount);
  const known = ask.referrer?.['tenantReccaId'] ? yield* recordLeads(ask.referrer, 'converted') : undefined;
  if (firstSentAt && known) yield* requireNotConverted(ask, known);
  return yield* ifRefused(send(registerConversion, ask), refusal => requireUnregistered(refusal, ask, known));
});

// Behind a 429 the sale may be registered all the same. A lead that was converted before, or is not seen, tells nothing of that.
function* requireNotConverted(ask: ConversionAsk, known: KnownLeads): PlanRun<void> {
  if (known.ids.includes(ask.leadRef)) return;
  if ((yield* findConverted(ask, { limit: known.size })) !== false)
    throw new Unanswered('Recca answered 429, but the lead may have been converted by this sale');
}

/** Checks whether the lead has become `converted`: strong evidence if it was not before, and the first look after the sale shows it. A lead that has not is weak evidence. */
export const leadConverted: Reconcile<ConversionAsk, ConversionData> = {
  strategy: 'lead-converted',
  *run(ask: ConversionAsk, context: ReconcileContext): PlanRun<Verdict<ConversionData>> {
    const { before, denied, unseen } = context;
    const known = before[knownLeads.name] as KnownLeads | undefined;
    if (!ask.referrer) return unprovable('It is not known whose lead this is.');
    if (!known) return notRecorded;
    if (known.ids.includes(ask.leadRef))
      return unprovable('The lead had already been converted, so its state proves nothing.');
    const seen = yield* findConverted(ask, { limit: known.size });
    if (denied && !seen) return orderKnown;
    if (seen === undefined)
      return undecided(
        'There are too many converted leads to check, or one of them could not be read.',
        context,
      );
    // That a registration changes its lead, and at once, is not documented: a later change would have paid the bonuses twice.
    if (!seen) return { verdict: 'absent', evidence: 'weak' };
    // Behind a refusal, or after it was seen unconverted, the lead may as well have been converted by a sale of somebody else.
    const wasOpen = known.others?.includes(ask.leadRef) || isWhole(known);
    const sure = wasOpen && !denied && !unseen;
    return { verdict: 'executed', result: registered(ask), evidence: sure ? 'strong' : 'weak' };
  },
};

// Only Recca's cabinet shows what is registered under this order.
const orderKnown = unprovable(
  'Recca answered with a conflict: it may know this order, and the lead does not show whether it is this sale.',
);

// Without a total, a page of any length may be incomplete: only an empty one is certainly the last.
const isWhole = ({ ids, total }: KnownLeads): boolean =>
  total === undefined ? ids.length === 0 : total <= ids.length;
