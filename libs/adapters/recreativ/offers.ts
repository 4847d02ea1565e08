import { Refusal } from '#canonical';
import {
  Unanswered,
  defineExchange,
  inconclusive,
  reader,
  segment,
  send,
  sendAnew,
  steps,
  undecided,
  unprovable,
  wireNumber,
} from '#adapter-kit';
import type { ExtensionAsk, PlanRun, Reconcile, ReconcileContext, Verdict, WireAnswer } from '#adapter-kit';
import { requireAcknowledgement } from './acknowledgement.js';
import { sendIfThere } from './absolute.js';
import type { Sight, Told } from './absolute.js';
import { campaignPath, filtersOf, offerRows, switchSeen, switched } from './campaigns.js';
import { contentOf } from './content.js';
import { createdAs } from './created-as.js';
import { requireExactNumber } from './exact-number.js';
import { wireImage } from './image.js';
import { RecreativOffer } from './models.js';
import type { RecreativSwitched } from './models.js';
import type {
  RecreativOfferCreate,
  RecreativOffersQuery,
  RecreativSwitch,
  RecreativTargetWindow,
} from './queries.js';
import { mayBeCut } from './paging.js';
import { statusOf } from './refusal.js';
import { plain, sameOffer } from './same-offer.js';
import { targetId } from './target.js';
import { readAs } from './answer-fields.js';
import { get, objectOf, windowOf } from './wire.js';

const offerPath = ({ params }: ExtensionAsk): string => `/advertiser/offers/${segment(params['id']!)}`;

/** The offers of a campaign. */
export const campaignOffers = defineExchange<ExtensionAsk<RecreativOffersQuery>, RecreativOffer[]>({
  name: 'campaign-offers',
  call: 'GET /advertiser/campaigns/{id}?expand=offers',
  retryClass: 'read',
  request: ({ params, query }) => get(campaignPath(params['id']), { expand: 'offers', ...filtersOf(query) }),
  read: (answer, { params }) => offerRows(answer, params['id']!).map(row => readAs(RecreativOffer, row)),
});

/** The ids of a campaign's offers before a new one is created; none where the campaign is shown without them, which need not prevent it. */
export const knownOffers = defineExchange<{ campaignId: string }, { ids?: string[] }>({
  name: 'known-offers',
  call: 'GET /advertiser/campaigns/{id}?expand=offers (before)',
  retryClass: 'read',
  request: ({ campaignId }) => get(campaignPath(campaignId), { expand: 'offers' }),
  read: (answer, { campaignId }) =>
    isWithoutOffers(answer, campaignId)
      ? {}
      : { ids: offerRows(answer, campaignId).map(row => row.at('id').needText()) },
});

function isWithoutOffers(answer: WireAnswer, campaignId: string): boolean {
  const shown = reader(contentOf(answer));
  return shown.at('id').text() === campaignId && shown.at('offers').value === undefined;
}

/** One offer. */
export const offer = defineExchange<ExtensionAsk<RecreativTargetWindow>, RecreativOffer>({
  name: 'offer',
  call: 'GET /advertiser/offers/{id}',
  retryClass: 'read',
  request: ask => get(offerPath(ask), { ...windowOf(ask.query), targetId: targetId(ask.query?.target) }),
  read: (answer, { params }) => readAs(RecreativOffer, objectOf(answer, params['id']!)),
});

type CreateAsk = ExtensionAsk<unknown, RecreativOfferCreate>;
type Created = RecreativOffer | { id: string };

/** Creates an offer; the call takes no key, so a repeat would create another one. */
export const postOffer = defineExchange<CreateAsk, Created>({
  name: 'create-offer',
  call: 'POST /advertiser/offers',
  retryClass: 'reconcilable',
  doubts429: true,
  request: ({ body }) => {
    const { campaignId, description, url, price, discount, discountType, oldPrice } = body;
    const { subCategory, clickPrice, rectangle, square } = body;
    const fields = {
      campaignId: wireNumber(campaignId),
      description,
      url,
      price,
      discount,
      discountType,
      oldPrice,
      subCategory: subCategory && wireNumber(subCategory),
      clickPrice: clickPrice && wireNumber(clickPrice),
      rectangle: wireImage(rectangle),
      square: wireImage(square),
    };
    return { method: 'POST', path: '/advertiser/offers', json: fields };
  },
  read: answer => createdAs(answer, row => readAs(RecreativOffer, row)),
});

/** Reads the campaign's offers, then creates the new one; again after a 429 only if there is none that may be it. */
export const createOffer = steps(postOffer, function* (ask: CreateAsk, { firstSentAt }): PlanRun<Created> {
  requireExactNumber('/clickPrice', ask.body.clickPrice ?? '0');
  const { ids } = yield* send(knownOffers, { campaignId: ask.body.campaignId });
  if (firstSentAt) yield* requireNotCreated(ask, ids);
  const made = yield* send(postOffer, ask);
  if (!ids?.includes(made.id)) return made;
  throw new Unanswered('Recreativ answered with the number of an older offer');
});

function* requireNotCreated({ body }: CreateAsk, known: string[] | undefined): PlanRun<void> {
  const rows = known ? yield* sendAnew(campaignOffers, offersOf(body)) : [];
  const fresh = rows.filter(row => !known?.includes(row.id) && sameOffer(row, body) !== 'no');
  if (!known || fresh.length > 0 || rows.length < known.length || mayBeCut(rows.length))
    throw new Unanswered('Recreativ answered 429, and its offers do not show that none was created');
}

const offersOf = ({ campaignId }: RecreativOfferCreate): ExtensionAsk<RecreativOffersQuery> => ({
  params: { id: campaignId },
  query: {},
  body: undefined,
});

/** The campaign and the URL: other fields may not be sufficient to distinguish two offers. */
export const offerKey = ({ body }: CreateAsk): string => `${body.campaignId} ${plain(body.url)}`;

/** Searches for a new offer of the campaign with this URL and text. */
export const offersList: Reconcile<ExtensionAsk, unknown> = {
  strategy: 'offers-list',
  *run({ body, othersIds = [] }: CreateAsk, context: ReconcileContext): PlanRun<Verdict<unknown>> {
    const known = (context.before[knownOffers.name] as { ids?: string[] } | undefined)?.ids;
    if (!known) return unprovable('The offers that existed before were not recorded.');
    const rows = yield* send(campaignOffers, offersOf(body));
    if (rows.length === 0 && known.length > 0)
      return inconclusive('The campaign had offers before, but none are listed now.');
    const fresh = rows.filter(({ id }) => !known.includes(id) && !othersIds.includes(id));
    const [found, another] = fresh.filter(row => sameOffer(row, body) === 'yes');
    if (another) return unprovable('More than one new offer matches.');
    if (found) {
      const sure = found.url != null && [found.title, found.description].some(text => text != null);
      return { verdict: 'executed', result: found, evidence: sure ? 'strong' : 'weak' };
    }
    if (fresh.some(row => sameOffer(row, body) === 'perhaps'))
      return undecided('A new offer has almost the same address or text.', context);
    if (mayBeCut(rows.length)) return undecided('The list of offers may be cut off.', context);
    return { verdict: 'absent' };
  },
};

/** Shows or hides an offer; documented is a 204 without a body. */
export const setOfferActive = defineExchange<ExtensionAsk<unknown, RecreativSwitch>, Told<RecreativSwitched>>(
  {
    name: 'set-offer-active',
    call: 'PUT /advertiser/offers/{id}',
    retryClass: 'absolute',
    accepts: [304],
    request: ask => ({ method: 'PUT', path: offerPath(ask), json: { active: ask.body.active } }),
    read: (answer, ask) => {
      const { result, sure } = switched(answer, ask);
      return { result, sure: sure || answer.status === 204 };
    },
  },
);

/** Reads whether an offer is shown as was wished. */
export function* offerSwitchSeen(
  ask: ExtensionAsk<unknown, RecreativSwitch>,
): PlanRun<Sight<RecreativSwitched>> {
  const sight = switchSeen(yield* sendIfThere(offer, ask), ask);
  return sight.is === 'done'
    ? { is: 'done', result: { id: ask.params['id']!, active: ask.body.active } }
    : sight;
}

/** Deletes an offer. A 404 means "already deleted" if an earlier request of ours may have done it; otherwise there is no such offer. */
export const deleteOffer = defineExchange<ExtensionAsk, Told<null>>({
  name: 'delete-offer',
  call: 'DELETE /advertiser/offers/{id}',
  retryClass: 'absolute',
  accepts: [404],
  request: ask => ({ method: 'DELETE', path: offerPath(ask) }),
  read: (answer, { params, removed }, { repeated }) => {
    const missing = statusOf(answer) === 404;
    if (!missing) requireAcknowledgement(answer);
    if (!missing || repeated || removed) return { result: null, sure: answer.status !== 202 };
    throw new Refusal('not-found', {
      detail: `Recreativ has no offer ${params['id']}: it is already deleted, or never existed.`,
      provider: { name: 'recreativ', status: 404, code: 'http-404' },
    });
  },
});

/** Reads whether an offer is gone. */
export function* offerGone(ask: ExtensionAsk): PlanRun<Sight<null>> {
  return (yield* sendIfThere(offer, ask)) ? { is: 'undone' } : { is: 'done', result: null };
}
