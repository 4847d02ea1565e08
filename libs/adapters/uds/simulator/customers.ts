import { Decimal } from 'decimal.js';
import type { SimulatedRequest } from '#adapter-kit/testing';
import { price, renderPurchase } from './pricing.js';
import type { Bill } from './pricing.js';
import { amountOf, countOf, neededAmount, objectOf, parseBody, phoneOf, textOf } from './reading.js';
import { badField, notFound, Refused } from './refused.js';
import { tiers } from './world.js';
import type { SimCustomer, World } from './world.js';

const LONG_CODE_MS = 24 * 3_600_000;

/** How a request identifies its customer. */
export interface Named {
  code?: string;
  phone?: string;
  uid?: string;
}

/** The customer that a request identifies, by exactly one identifier; `undefined` for an unregistered phone. */
export function identify(world: World, { code, phone, uid }: Named, now: Date): SimCustomer | undefined {
  if ([code, phone, uid].filter(value => value !== undefined).length !== 1)
    throw new Refused(400, 'badRequest', 'Exactly one of code, phone and uid must be given');
  if (phone !== undefined) return world.customers.find(customer => customer.phone === phone);
  if (uid !== undefined) {
    const found = world.customers.find(customer => customer.uid === uid);
    if (!found) throw notFound();
    return found;
  }
  const shown = world.codes.get(code!);
  if (!shown || (shown.until && shown.until <= now)) throw notFound();
  return shown.customer;
}

/** A buyer with an unregistered phone: becomes a customer through the purchase, without a uid. */
export const stranger = (phone: string): SimCustomer => ({
  id: null,
  uid: null,
  phone,
  displayName: phone,
  email: null,
  gender: null,
  birthDate: null,
  tier: tiers.base,
  points: new Decimal(0),
  inviterId: null,
  joinedAt: null,
  lastTransactionTime: null,
  blocked: false,
  operations: 0,
});

/** `GET /customers/find`. */
export function find(world: World, { query, now }: SimulatedRequest): object {
  const named = {
    code: query.get('code') ?? undefined,
    phone: phoneOf(query.get('phone') ?? undefined, 'phone'),
    uid: query.get('uid') ?? undefined,
  };
  const customer = identify(world, named, now);
  if (!customer) throw notFound();
  const total = amountOf(query.get('total'), 'total');
  const bill = total && billOf(total, query.get('skipLoyaltyTotal'), query.get('unredeemableTotal'));
  const exchange = query.get('exchangeCode') === 'true' && named.code !== undefined;
  return {
    user: renderUser(world, customer),
    code: exchange ? exchangeCode(world, named.code!, now) : null,
    type: 'PURCHASE',
    purchase: bill ? renderPurchase(customer, bill, price(world, customer, bill, new Decimal(0))) : null,
  };
}

/** The bill in a request; no part may exceed the total. */
export function billOf(total: Decimal, skip: unknown, unredeemable: unknown): Bill {
  const bill = {
    total,
    skipLoyaltyTotal: amountOf(skip, 'receipt.skipLoyaltyTotal') ?? new Decimal(0),
    unredeemableTotal: amountOf(unredeemable, 'receipt.unredeemableTotal') ?? new Decimal(0),
  };
  if (bill.skipLoyaltyTotal.greaterThan(total))
    throw badField('receipt.skipLoyaltyTotal', 'must not exceed total');
  if (bill.unredeemableTotal.greaterThan(total))
    throw badField('receipt.unredeemableTotal', 'must not exceed total');
  return bill;
}

// A long code is valid for a day; a code that is already long is returned unchanged.
function exchangeCode(world: World, code: string, now: Date): string {
  if (code.length !== 6) return code;
  const long = `${code}${String(world.answers).padStart(10, '0')}`;
  world.codes.set(long, { ...world.codes.get(code)!, until: new Date(now.getTime() + LONG_CODE_MS) });
  return long;
}

/** `POST /operations/calc`: prices a bill and changes nothing. */
export function calc(world: World, { body, now }: SimulatedRequest): object {
  const request = parseBody(body);
  const named = namedIn(request);
  const customer = identify(world, named, now) ?? stranger(named.phone!);
  const receipt = objectOf(request['receipt'], 'receipt');
  const total = neededAmount(receipt['total'], 'receipt.total');
  const bill = billOf(total, receipt['skipLoyaltyTotal'], receipt['unredeemableTotal']);
  const priced = price(world, customer, bill, amountOf(receipt['points'], 'receipt.points'));
  refuseTooManyPoints(customer, priced.points, priced.limit);
  return { user: renderUser(world, customer), purchase: renderPurchase(customer, bill, priced) };
}

/** The identifiers in a request body. */
export function namedIn(body: Record<string, unknown>): Named {
  const participant = body['participant'] == null ? {} : objectOf(body['participant'], 'participant');
  return {
    code: textOf(body['code'], 'code'),
    phone: phoneOf(textOf(participant['phone'], 'participant.phone'), 'participant.phone'),
    uid: textOf(participant['uid'], 'participant.uid'),
  };
}

/** Refuses points that the customer does not have or the tier does not allow. */
export function refuseTooManyPoints(customer: SimCustomer, points: Decimal, limit: Decimal): void {
  if (points.greaterThan(customer.points)) throw new Refused(400, 'insufficientFunds', 'Insufficient funds');
  if (points.greaterThan(limit)) throw new Refused(400, 'discountLimitExceed', 'Discount limit exceeded');
}

/** `GET /customers/{id}`. */
export function readCustomer(world: World, id: string): object {
  const customer = world.customers.find(one => one.id !== null && String(one.id) === id);
  if (!customer) throw notFound();
  return renderUser(world, customer);
}

/** `GET /customers`: members of the company only. */
export function listCustomers(world: World, { query }: SimulatedRequest): object {
  const max = countOf(query.get('max'), 'max', 10, 50);
  const offset = countOf(query.get('cursor') ?? query.get('offset'), 'offset', 0, 10_000);
  const members = world.customers.filter(({ id }) => id !== null);
  const rows = members.slice(offset, offset + max).map(customer => renderUser(world, customer));
  const more = offset + max < members.length;
  return { rows, ...(world.options.customersCursor && { cursor: more ? String(offset + max) : null }) };
}

/** A customer as UDS sends them. */
export function renderUser(world: World, customer: SimCustomer): object {
  const discounts = world.options.policy === 'APPLY_DISCOUNT';
  const invited = world.customers.filter(one => customer.id !== null && one.inviterId === customer.id).length;
  return {
    uid: customer.uid,
    avatar: customer.uid && `https://cdn.example.com/avatars/${customer.uid}.png`,
    displayName: customer.displayName,
    gender: customer.gender,
    phone: customer.phone,
    birthDate: customer.birthDate,
    email: customer.email,
    channelName: null,
    tags: [],
    participant: {
      id: customer.id,
      inviterId: customer.inviterId,
      points: customer.points.toNumber(),
      discountRate: discounts ? customer.tier.rate : 0,
      cashbackRate: discounts ? 0 : customer.tier.rate,
      cashSpent: 0,
      savedFunds: 0,
      invitedCount: invited,
      effectiveInvitedCount: invited,
      operationsCount: customer.operations,
      fullRefundsCount: 0,
      note: null,
      membershipTier: customer.tier,
      dateCreated: customer.joinedAt,
      lastTransactionTime: customer.lastTransactionTime,
      pointsExpireIn: null,
    },
  };
}
