import type { SimulatedRequest } from '#adapter-kit/testing';
import { exact } from '#canonical';
import { No, invalid } from './answers.js';
import type { Books } from './books.js';
import type { Answer, Routes } from './call.js';
import { decimal, fieldsOf, flag, needText, text } from './input.js';
import type { Offer } from './seed.js';
import { amount, daysOf, ofTarget, spent, sum, trafficOf } from './traffic.js';

/** The offers of one campaign. */
export const offersOf = (books: Books, campaignId: number): Offer[] =>
  books.offers.filter(offer => offer.campaignId === campaignId);

const picture = (id: number, form: string) => ({
  url: `https://img.recreativ.com/${id}_${form}.jpg`,
  allowedSizes: form === 'square' ? '240x240,480x480' : '492x328,984x656',
  pattern: `https://img.recreativ.com/${id}_${form}_{size}.jpg`,
});

/** An offer as it is sent. */
export function offerView(offer: Offer, { query, now }: SimulatedRequest) {
  const { bid, pictures, ...fields } = offer;
  const days = daysOf(query.get('dateFrom'), query.get('dateTo'), now);
  const traffic = sum(days.map(day => trafficOf(offer.id, day, bid)));
  return {
    ...fields,
    url_mobile: null,
    isRetarget: 0,
    stavka: amount(bid),
    img: pictures.includes('square') ? picture(offer.id, 'square') : null,
    img_wide: pictures.includes('rectangle') ? picture(offer.id, 'rectangle') : null,
    ...spent(ofTarget(traffic, query.get('targetId'))),
  };
}

const LENGTH = { RU: 60, TH: 100 };

const create: Answer = ({ books, request, options }) => {
  const fields = fieldsOf(request);
  const campaign = campaignOf(books, fields['campaignId']);
  const title = needText(fields, 'description');
  const most = LENGTH[campaign.geo];
  if ([...title].length > most)
    throw invalid('description', `Значение «description» должно содержать максимум ${most} символов.`);
  const url = needText(fields, 'url');
  const pictures = ['rectangle', 'square'].filter(name => isPicture(name, text(fields, name)));
  const bid = Number(
    exact(decimal(fields, 'clickPrice') ?? '1')
      .times(10_000)
      .toFixed(0),
  );
  const price = decimal(fields, 'price');
  const offer: Offer = {
    id: books.nextOffer(),
    campaignId: campaign.id,
    title,
    opis: '',
    cost: price === undefined ? '' : `${price} руб.`,
    url,
    bid,
    active: 1,
    pictures,
  };
  books.offers.push(offer);
  return {
    status: 201,
    headers: { location: `https://recreativ.com/api/advertiser/offers/${offer.id}` },
    ...(options.createdBody && { body: offerView(offer, request) }),
    effect: { type: 'offer', key: `${campaign.id}:${url}:${title}`, id: String(offer.id) },
  };
};

function campaignOf(books: Books, id: unknown) {
  if (typeof id !== 'number' && typeof id !== 'string')
    throw invalid('campaignId', 'Необходимо заполнить «campaignId».');
  try {
    return books.campaign(String(id));
  } catch (error) {
    if (error instanceof No) throw invalid('campaignId', 'Значение «campaignId» неверно.');
    throw error;
  }
}

function isPicture(field: string, uri: string | null): boolean {
  if (uri === null) return false;
  const [, kind, head] = /^data:image\/(jpeg|png);base64,([A-Za-z0-9+/]{8})/.exec(uri.slice(0, 64)) ?? [];
  if (!(kind === 'png' ? head?.startsWith('iVBORw') : head?.startsWith('/9j/')))
    throw invalid(field, `Значение «${field}» не является изображением.`);
  return true;
}

const change: Answer = ({ books, request, ids }) => {
  const offer = books.offer(ids[0]!);
  const active = flag(fieldsOf(request), 'active');
  const effect = { type: 'offer-active', key: `${offer.id}:${active}`, id: String(offer.id) };
  const changed = offer.active !== active;
  offer.active = active;
  return { status: 204, ...(changed && { effect }) };
};

const remove: Answer = ({ books, ids }) => {
  const offer = books.offer(ids[0]!);
  books.offers.splice(books.offers.indexOf(offer), 1);
  return { status: 204, effect: { type: 'offer-deleted', key: ids[0], id: ids[0] } };
};

/** The calls for offers. */
export const offerRoutes: Routes = [
  [/^\/advertiser\/offers$/, { POST: create }],
  [
    /^\/advertiser\/offers\/(\d+)$/,
    {
      GET: ({ books, request, ids }) => ({ body: offerView(books.offer(ids[0]!), request) }),
      PUT: change,
      DELETE: remove,
    },
  ],
];
