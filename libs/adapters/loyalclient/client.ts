import { Refusal, floorPoints, fromDigits, percent } from '#canonical';
import type { CustomerData, Identifier, Points, Tier } from '#canonical';
import { defineExchange, send, unlessRefused } from '#adapter-kit';
import type { Exchange, PlanRun, Reader, Sender } from '#adapter-kit';
import { carried } from './carried.js';
import { holdField, kindOf, post } from './wire.js';
import type { Kind } from './wire.js';

/** A search for one client at a point of sale. */
export interface ClientSearch {
  search: string;
  point: string;
  /** Holds whose points count as free in this search. */
  holds: string[];
}

/** The data of a client that a purchase needs; without personal data, since the result of a step is stored on the operation's row. */
export interface ClientBalance {
  clientId: string;
  /** The same, for the gateway: spends of one client wait for each other, however the client was identified. */
  providerRefs: { clientId: string };
  kind?: Kind;
  /** Absent if LoyalClient did not send it. */
  balance?: Points;
}

// The lifetime of an app code is not documented; 10 minutes is the time that LoyalClient allows for an operation (the default
// of a hold).
const identityLifeSeconds = 600;

const call = 'POST /integration/general/client';

const request = ({ search, point, holds }: ClientSearch) =>
  post('client', { search, point, ...holdField(holds) });

/** The client with a phone, card or code, with all fields that LoyalClient sends. */
export const findClient = defineExchange({
  name: 'client',
  call,
  retryClass: 'read',
  request,
  read: (answer, _ask: ClientSearch): CustomerData => customerOf(carried(answer, 'client')),
});

/** The same call, of which only the id and the balance are read. */
export const clientBalance = defineExchange({
  name: 'client-balance',
  call,
  retryClass: 'read',
  request,
  read(answer, _ask: ClientSearch): ClientBalance {
    const client = carried(answer, 'client');
    const clientId = client.at('id').needId();
    return {
      clientId,
      providerRefs: { clientId },
      kind: kindOf(client.at('level', 'type')),
      balance: pointsOf(client.at('balance')),
    };
  },
});

/** The same after a purchase that was refused, or a request that was answered 429: under a name of its own, since an operation's steps are kept by their names. */
export const clientBalanceAfter = defineExchange({ ...clientBalance, name: 'client-balance-after' });

function customerOf(client: Reader): CustomerData {
  const tier = tierOf(client.at('level'));
  return {
    providerRefs: { clientId: client.at('id').needId() },
    displayName: textOf(client.at('name')),
    email: textOf(client.at('email')),
    phone: phoneOf(client.at('phone')),
    birthDate: textOf(client.at('birthday')),
    avatarUrl: textOf(client.at('photo')),
    tier,
    balancePoints: pointsOf(client.at('balance')),
    member: true,
    identity: { expiresInSeconds: identityLifeSeconds, canRedeem: tier?.kind !== 'discount' },
  };
}

function tierOf(level: Reader): Tier | undefined {
  const kind = kindOf(level.at('type'));
  const rate = level.at('percent').decimal();
  if (!kind || rate === undefined) return undefined;
  // Documented as meaningful for cashback only.
  const most = kind === 'cashback' ? level.at('maxSpendPercent').decimal() : undefined;
  return {
    id: level.at('id').text(),
    name: level.at('title').text(),
    kind,
    rate: percent(rate),
    ...(most !== undefined && { maxRedeemPercent: percent(most) }),
  };
}

/** The points in a field; `undefined` if it contains no number. */
export function pointsOf(field: Reader): Points | undefined {
  const decimal = field.decimal();
  return decimal === undefined ? undefined : floorPoints(decimal);
}

// Absent = unknown; null, '' and PHP's `false` = known to be empty.
const textOf = (field: Reader): string | null | undefined =>
  field.value === null || field.value === '' || field.value === false ? null : field.text();

// Documented as a JSON number without the plus; text with a plus, spaces or brackets is read as well.
function phoneOf(field: Reader): string | null | undefined {
  const digits = textOf(field)?.replace(/[\s()-]/g, '');
  if (digits === undefined) return textOf(field);
  return fromDigits(digits);
}

/** Finds the client by the identifier shown at the till; throws the last `customer-not-found`. */
export function* searched<Result>(
  exchange: Exchange<ClientSearch, Result>,
  identifier: Identifier,
  where: Omit<ClientSearch, 'search'>,
  via: Sender = send,
): PlanRun<Result> {
  const [first, second] = searchTexts(identifier);
  try {
    return yield* via(exchange, { search: first, ...where });
  } catch (error) {
    if (second === undefined || !isNotFound(error)) throw error;
    return yield* via(exchange, { search: second, ...where });
  }
}

const isNotFound = (error: unknown): boolean =>
  error instanceof Refusal && error.code === 'customer-not-found';

/** What a search finds; `undefined` if there is no such client any more: a code dies with the sale that it was shown for. */
export const stillFound = <Result>(search: PlanRun<Result>): PlanRun<Result | undefined> =>
  unlessRefused(search, 'customer-not-found');

// LoyalClient returns phones as digits, so they are sent in that form; whether `search` needs the plus is not documented,
// hence a second request before a client counts as unknown.
function searchTexts({ type, value }: Identifier): [string, string?] {
  if (type === 'phone') return [value.replace(/^\+/, ''), value];
  if (type !== 'uid' && type !== 'externalId') return [value];
  throw new Refusal('capability-not-supported', { capability: 'customer.lookup', detail: notByOwnId });
}

/** Why a client cannot be identified by an id. */
export const notByOwnId =
  'LoyalClient finds clients only by phone, card number or app code; it has no call that takes a client’s id.';
