import { Refusal, floorPoints, fromDigits, percent } from '#canonical';
import type { CustomerData, Identifier, Points, Tier } from '#canonical';
import { defineExchange, send } from '#adapter-kit';
import type { Exchange, Reader } from '#adapter-kit';
import { carried } from './carried.js';
import { holdField, kindOf, post } from './wire.js';
import type { Kind } from './wire.js';

/** A search for one client, as it stands at a point of sale. */
export interface ClientSearch {
  search: string;
  point: string;
  /** Holds whose points count as the client's own for this look. */
  holds: string[];
}

/** What a purchase needs to know of a client: nothing personal, since a step's result is kept on the operation's row. */
export interface Standing {
  clientId: string;
  /** The same, for the gateway: by whatever the client was found, their spends wait in one line. */
  providerRefs: { clientId: string };
  kind?: Kind;
  /** Absent when LoyalClient did not tell it. */
  balance?: Points;
}

// How long a code of the app lives is not documented; 10 minutes is the time that LoyalClient itself gives an
// operation (the default of a hold).
const identityLifeSeconds = 600;

const call = 'POST /integration/general/client';

const request = ({ search, point, holds }: ClientSearch) =>
  post('client', { search, point, ...holdField(holds) });

/** The client behind a phone, card or code, with all that LoyalClient tells. */
export const findClient = defineExchange({
  name: 'client',
  call,
  retryClass: 'read',
  request,
  read: (answer, _ask: ClientSearch): CustomerData => customerOf(carried(answer, 'client')),
});

/** The same call, read for its id and balance alone. */
export const clientStanding = defineExchange({
  name: 'client-balance',
  call,
  retryClass: 'read',
  request,
  read(answer, _ask: ClientSearch): Standing {
    const client = carried(answer, 'client');
    const clientId = client.at('id').needText();
    return {
      clientId,
      providerRefs: { clientId },
      kind: kindOf(client.at('level', 'type')),
      balance: pointsOf(client.at('balance')),
    };
  },
});

function customerOf(client: Reader): CustomerData {
  const tier = tierOf(client.at('level'));
  return {
    providerRefs: { clientId: client.at('id').needText() },
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
  // Documented as meaningful for cashback alone.
  const most = kind === 'cashback' ? level.at('maxSpendPercent').decimal() : undefined;
  return {
    id: level.at('id').text(),
    name: level.at('title').text(),
    kind,
    rate: percent(rate),
    ...(most !== undefined && { maxRedeemPercent: percent(most) }),
  };
}

/** Points of a field; `undefined` when it holds no number. */
export function pointsOf(field: Reader): Points | undefined {
  const decimal = field.decimal();
  return decimal === undefined ? undefined : floorPoints(decimal);
}

// Absent = not told; null, '' and PHP's `false` = known to be empty.
const textOf = (field: Reader): string | null | undefined =>
  field.value === null || field.value === '' || field.value === false ? null : field.text();

// A JSON number without plus in the document; texts with plus, blanks or brackets are read as well.
function phoneOf(field: Reader): string | null | undefined {
  const digits = textOf(field)?.replace(/[\s()+-]/g, '');
  if (digits === undefined) return textOf(field);
  return /^\d+$/.test(digits) ? fromDigits(digits) : undefined;
}

/** Looks for whoever was shown at the till; throws the last `customer-not-found`. */
export function* searched<Result>(
  exchange: Exchange<ClientSearch, Result>,
  identifier: Identifier,
  where: Omit<ClientSearch, 'search'>,
): Generator<{ exchange: Exchange; ask: unknown }, Result, unknown> {
  const [first, second] = searchTexts(identifier);
  try {
    return yield* send(exchange, { search: first, ...where });
  } catch (error) {
    if (second === undefined || !isNotFound(error)) throw error;
    return yield* send(exchange, { search: second, ...where });
  }
}

/** Says whether LoyalClient answered that it knows no such client. */
export const isNotFound = (error: unknown): boolean =>
  error instanceof Refusal && error.code === 'customer-not-found';

// LoyalClient answers phones as bare digits, so they are asked for like that; whether `search` wants the plus is not
// documented, hence one more look before a client is called unknown.
function searchTexts({ type, value }: Identifier): [string, string?] {
  if (type === 'phone') return [value.replace(/^\+/, ''), value];
  if (type !== 'uid' && type !== 'externalId') return [value];
  throw new Refusal('capability-not-supported', { capability: 'customer.lookup', detail: notByOwnId });
}

/** Why a client cannot be named by an id. */
export const notByOwnId =
  'LoyalClient searches by phone, card number or app code only; it has no call that takes an id of a client.';
