import { defineExchange, segment, send, steps, Unreadable } from '#adapter-kit';
import type { PlanRun, Reader } from '#adapter-kit';
import { redeemablePoints, Refusal } from '#canonical';
import type { CustomerData, LookupAsk, Program, ProviderRefs } from '#canonical';
import { partsOf, queryAmount } from './amounts.js';
import { buyerBy, canRedeemBy, queryOf } from './buyer.js';
import type { Buyer } from './buyer.js';
import { contentOf } from './content.js';
import { readCustomer, userOf } from './customer.js';
import { getSettings, refuseOtherCurrency } from './program.js';
import { udsRequest } from './request.js';
import type { UdsContext } from './request.js';
import { mayUseUndocumented } from './settings.js';

/** The identifier of the customer, and optionally the bill to price. */
export interface FindAsk {
  buyer: Buyer;
  receipt?: LookupAsk['receipt'];
  program: Program;
}

// UDS: a code is valid for 45 minutes. A phone and a uid do not expire, but their token is just as short, for privacy.
const SHOWN_FOR_SECONDS = 45 * 60;

/** `GET /customers/find`: the customer; with a bill also the maximum of points for it. */
export const findCustomer = defineExchange<FindAsk, CustomerData>({
  name: 'findCustomer',
  call: 'GET /customers/find',
  retryClass: 'read',
  request: ({ buyer, receipt }, context) =>
    udsRequest(
      {
        method: 'GET',
        path: '/customers/find',
        query: { ...queryOf(buyer), ...(receipt && billQuery(receipt)) },
      },
      context,
    ),
  read: ({ body }, { buyer, receipt, program }) => ({
    ...readCustomer(sought(userOf(body), buyer), program),
    maxRedeemPoints: receipt && maxPoints(contentOf(body).at('purchase')),
    identity: { expiresInSeconds: SHOWN_FOR_SECONDS, canRedeem: canRedeemBy(buyer.by, program) },
  }),
});

// By a uid only its owner is found; another would be shown under this one's id.
function sought(user: Reader, { by, value }: Buyer): Reader {
  const uid = user.at('uid');
  if (by === 'uid' && (uid.text() ?? value).toLowerCase() !== value.toLowerCase())
    throw new Unreadable(uid.pointer, 'is the uid of another customer');
  return user;
}

function billQuery(receipt: NonNullable<LookupAsk['receipt']>): Record<string, string> {
  const { skipLoyaltyTotal } = partsOf(receipt);
  return {
    total: queryAmount(receipt.total.amount),
    ...(skipLoyaltyTotal && { skipLoyaltyTotal: queryAmount(skipLoyaltyTotal) }),
  };
}

function maxPoints(purchase: Reader): string | undefined {
  const points = purchase.at('maxPoints').decimal();
  return points === undefined ? undefined : redeemablePoints(points);
}

/** A look-up; the company's settings (cached for five minutes) say what the tier means and whether the identifier may redeem. */
export const lookupCustomer = steps<LookupAsk, CustomerData>(
  findCustomer,
  function* ({ identifier, receipt }) {
    const buyer = buyerBy(identifier);
    const program = yield* send(getSettings, {});
    if (receipt) refuseOtherCurrency(program, receipt.total);
    return yield* send(findCustomer, { buyer, receipt, program });
  },
);

/** `GET /customers/{id}`, by the customer's participant id. */
export const readParticipant = defineExchange<{ participantId: string; program: Program }, CustomerData>({
  name: 'readParticipant',
  call: 'GET /customers/{id}',
  retryClass: 'read',
  request: ({ participantId }, context) =>
    udsRequest({ method: 'GET', path: `/customers/${segment(participantId)}` }, context),
  read: ({ body }, { program }) => {
    const user = contentOf(body);
    user.at('participant').needRecord();
    return readCustomer(user, program);
  },
});

/** Reads a known customer: by uid, else by participant id if that call may be used. */
export const getCustomer = steps<{ refs: ProviderRefs }, CustomerData>(
  findCustomer,
  function* ({ refs }, context: UdsContext): PlanRun<CustomerData> {
    if (!refs.uid) refuseWithoutUid(refs, context);
    const program = yield* send(getSettings, {});
    if (!refs.uid) return yield* send(readParticipant, { participantId: refs.participantId!, program });
    const buyer: Buyer = { by: 'uid', value: refs.uid };
    const { identity: _nothingWasShown, ...customer } = yield* send(findCustomer, { buyer, program });
    return customer;
  },
);

function refuseWithoutUid({ participantId }: ProviderRefs, { settings }: UdsContext): void {
  if (participantId && mayUseUndocumented(settings)) return;
  throw new Refusal('capability-not-supported', {
    capability: 'customer.get',
    detail:
      'UDS reads customers by uid, and this customer has none (known by phone only): look them up by phone.',
  });
}
