import {
  Unanswered,
  defineExchange,
  ifRefused,
  send,
  sendAnew,
  steps,
  undecided,
  unlessFailed,
} from '#adapter-kit';
import type { PlanRun, Reconcile, ReconcileContext, Verdict } from '#adapter-kit';
import { refusalAt } from '#canonical';
import type { LeadAsk, LeadData, Refusal } from '#canonical';
import { bodyOf } from './body.js';
import { PAGE, findLeads, knownLeads, notRecorded, recordLeads, statusOf } from './leads.js';
import type { KnownLeads } from './leads.js';
import { isConflict, mayBeAboutCopy } from './refused-copy.js';
import { federation, federationId } from './request.js';

/** Submits a lead, with our operation's id as `metadata.ref`, although Recca never returns it. */
export const addLead = defineExchange<LeadAsk, LeadData>({
  name: 'add-lead',
  call: 'POST /federation/v1/leads',
  retryClass: 'reconcilable',
  doubts429: true,
  request: ({ referrer, contact, offerId, metadata }, { operationId }) => {
    const { name, email, phone } = contact;
    const allMetadata = { ...metadata, ...(operationId ? { ref: operationId } : {}) };
    return federation('/leads', {
      referrer_user_id: federationId(referrer, '/referrerCustomerId'),
      contact: { name, ...(email !== undefined && { email }), ...(phone !== undefined && { phone }) },
      ...(offerId !== undefined && { offer_id: offerId }),
      ...(Object.keys(allMetadata).length > 0 && { metadata: allMetadata }),
    });
  },
  read: (answer, { contact }) => {
    const body = bodyOf(answer);
    const providerStatus = body.at('status').text();
    return {
      providerRef: body.at('lead_id').needId(),
      // A lead just submitted is new, unless Recca says otherwise.
      status: providerStatus === undefined ? 'new' : (statusOf(providerStatus) ?? 'other'),
      providerStatus,
      contactName: contact.name,
    };
  },
});

/** Reads the existing leads, then submits the new one; one that is refused is looked for. */
export const createLead = steps(addLead, function* (ask: LeadAsk, { firstSentAt }) {
  federationId(ask.referrer, '/referrerCustomerId');
  if (ask.metadata?.['ref'] !== undefined)
    throw refusalAt(
      '/metadata/ref',
      '`metadata.ref` is reserved: the gateway sends the operation’s id in it.',
    );
  const known = yield* recordLeads(ask.referrer, 'all');
  if (firstSentAt && known && (yield* mayBeSubmitted(ask, known)))
    throw new Unanswered('Recca answered 429, but the referrer has a new lead of this name');
  return yield* ifRefused(send(addLead, ask), refusal => requireNoCopy(refusal, ask, known));
});

// A refused lead is looked for once. Where it cannot be, a conflict ("already exists") proves nothing, and any other refusal is valid:
// the lead was sent once.
function* requireNoCopy(refusal: Refusal, ask: LeadAsk, known: KnownLeads | undefined): PlanRun<void> {
  if (!mayBeAboutCopy(refusal)) return;
  const isThere = known && (yield* unlessFailed(mayBeSubmitted(ask, known)));
  if (isThere) throw new Unanswered('Recca refused the lead, but the referrer has a new one of this name');
  if (isThere === undefined && isConflict(refusal))
    throw new Unanswered('Recca answers with a conflict: the lead may be submitted already');
}

// Behind a 429, or if the refusal was for a second copy of the request, the lead may be submitted all the same. How soon Recca lists a
// new lead is not documented, so finding none proves nothing; it counts all the same, or every 429 and every known contact would go to a
// person.
function* mayBeSubmitted({ referrer: refs, contact }: LeadAsk, known: KnownLeads): PlanRun<boolean> {
  const { data } = yield* sendAnew(findLeads, { refs, limit: known.size ?? PAGE });
  const isNew = ({ providerRef }: LeadData) => !providerRef || !known.ids.includes(providerRef);
  return data.some(lead => isNew(lead) && mayBeCalled(lead.contactName, contact.name));
}

// Recca may shorten the name of a contact ("Anna S.").
const mayBeCalled = (shown: string | undefined, name: string): boolean =>
  shown === undefined || firstWordOf(shown) === firstWordOf(name);

const firstWordOf = (name: string): string => name.trim().split(/\s/)[0]!.toLowerCase();

/** Searches the referrer's leads for a new one: a name is weak evidence, and a person decides. */
export const leadsByReferrer: Reconcile<LeadAsk, LeadData> = {
  strategy: 'leads-by-referrer',
  *run(ask: LeadAsk, context: ReconcileContext): PlanRun<Verdict<LeadData>> {
    const known = context.before[knownLeads.name] as KnownLeads | undefined;
    if (!known) return notRecorded;
    const pages = { refs: ask.referrer, limit: known.size ?? PAGE };
    const { data, next, odd } = yield* send(findLeads, pages);
    const rest = next ? yield* send(findLeads, { ...pages, cursor: next }) : undefined;
    const fresh = data.filter(lead => lead.providerRef && !known.ids.includes(lead.providerRef));
    // Refused, and only then not looked for (a full lane): the same look as at once, and the same conclusion.
    const isDenied =
      context.denied && odd === 0 && !fresh.some(lead => mayBeCalled(lead.contactName, ask.contact.name));
    if (isDenied) return { verdict: 'absent' };
    const [found, another] = fresh.filter(lead => lead.contactName === ask.contact.name);
    if (found && !another) return { verdict: 'executed', result: found, evidence: 'weak' };
    if (fresh.length > 0 || odd > 0)
      return undecided('There are new leads, but none of them is certainly this one.', context);
    // Rows that cannot be read count as well, also where the page is taken for a repeated one and shows none.
    if (rest && rest.data.length + rest.odd > 0)
      return undecided('The referrer has more leads than one page shows.', context);
    return { verdict: 'absent', evidence: 'weak' };
  },
};
