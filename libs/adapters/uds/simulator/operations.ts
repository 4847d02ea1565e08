import { Decimal } from 'decimal.js';
import type { Effect, SimulatedRequest } from '#adapter-kit/testing';
import { billOf, identify, namedIn, refuseTooManyPoints, stranger } from './customers.js';
import type { Named } from './customers.js';
import { price } from './pricing.js';
import { countOf, neededAmount, objectOf, parseBody, textOf } from './reading.js';
import { badField, notFound, Refused } from './refused.js';
import { tiers } from './world.js';
import type { SimCustomer, SimOperation, World } from './world.js';

/** An answer, and its effect on the ledger. */
export interface Done {
  body: object;
  effect?: Effect;
}

/** `POST /operations`: validates everything before it changes anything. */
export function purchase(world: World, { body, now }: SimulatedRequest): Done {
  const request = parseBody(body);
  const nonce = textOf(request['nonce'], 'nonce');
  const booked = nonce === undefined ? undefined : world.nonces.get(nonce);
  if (booked) return { body: repeated(world, booked) };
  const operation = decide(world, request, now);
  return commit(world, operation, namedIn(request).code, nonce);
}

function repeated(world: World, booked: SimOperation): object {
  const { repeatedNonce } = world.options;
  if (repeatedNonce === 'not-found') throw notFound();
  if (repeatedNonce === 'conflict') throw new Refused(409, 'conflict', 'The nonce has been used');
  if (repeatedNonce === 'bad-request') throw badField('nonce', 'can only be used once');
  return render(world, booked);
}

function decide(world: World, request: Record<string, unknown>, now: Date): SimOperation {
  const receipt = objectOf(request['receipt'], 'receipt');
  const total = neededAmount(receipt['total'], 'receipt.total');
  const cash = neededAmount(receipt['cash'], 'receipt.cash');
  const points = neededAmount(receipt['points'], 'receipt.points');
  const number = textOf(receipt['number'], 'receipt.number') ?? null;
  const bill = billOf(total, receipt['skipLoyaltyTotal'], receipt['unredeemableTotal']);
  const customer = buyer(world, namedIn(request), points, now);
  const priced = price(world, customer, bill, points);
  refuseTooManyPoints(customer, points, priced.limit);
  if (!cash.equals(priced.cash))
    throw new Refused(400, 'invalidChecksum', 'Total, cash and points do not match');
  const cashier = cashierOf(world, request['cashier']);
  if (
    world.options.receiptExists &&
    number &&
    world.operations.some(({ receiptNumber }) => receiptNumber === number)
  )
    throw new Refused(409, 'receiptExists', 'Receipt already exists');
  return {
    id: world.nextOperationId,
    dateCreated: now.toISOString(),
    state: 'NORMAL',
    customer,
    total,
    cash,
    redeemed: points,
    earned: priced.cashBack,
    receiptNumber: number,
    cashier,
    origin: null,
  };
}

function buyer(world: World, named: Named, points: Decimal, now: Date): SimCustomer {
  const withdraws = points.greaterThan(0);
  const beside = named.code !== undefined && (named.phone !== undefined || named.uid !== undefined);
  if (withdraws && (beside || named.uid !== undefined)) throw withdrawNotPermitted();
  if (named.phone !== undefined && !world.options.purchaseByPhone)
    throw new Refused(400, 'purchaseByPhoneDisabled', 'Regular purchase via a phone number is not available');
  if (withdraws && named.phone !== undefined && !world.options.usePointsByPhone) throw withdrawNotPermitted();
  const customer = identify(world, named, now) ?? stranger(named.phone!);
  if (customer.blocked) throw new Refused(400, 'participantIsBlocked', 'Participant is blocked');
  return customer;
}

const withdrawNotPermitted = () => new Refused(400, 'withdrawNotPermitted', 'Withdraw is not permitted');

function cashierOf({ options }: World, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const id = textOf(objectOf(value, 'cashier')['externalId'], 'cashier.externalId');
  if (id === undefined || !/^[A-Za-z0-9_-]+$/.test(id))
    throw badField('cashier.externalId', 'has wrong characters', id);
  if (options.cashiers && !options.cashiers.includes(id))
    throw new Refused(404, 'cashierNotFound', 'Cashier not found');
  return id;
}

function commit(world: World, operation: SimOperation, code?: string, nonce?: string): Done {
  const { customer, redeemed, earned } = operation;
  world.nextOperationId += 1;
  if (!world.customers.includes(customer)) world.customers.push(customer);
  customer.id ??= world.nextCustomerId++;
  customer.joinedAt ??= operation.dateCreated;
  customer.lastTransactionTime = operation.dateCreated;
  customer.operations += 1;
  const credited = world.options.deferPointsForDays > 0 ? new Decimal(0) : earned;
  customer.points = customer.points.minus(redeemed).plus(credited);
  if (code !== undefined && world.codes.get(code)?.reusable === false) world.codes.delete(code);
  if (nonce !== undefined) world.nonces.set(nonce, operation);
  world.operations.push(operation);
  return { body: render(world, operation), effect: effectOf('purchase', operation) };
}

/** The journal entry of an operation. */
export const effectOf = (type: string, operation: SimOperation): Effect => ({
  type,
  key: operation.origin === null ? (operation.receiptNumber ?? undefined) : String(operation.origin),
  id: String(operation.id),
  data: {
    total: operation.total.toFixed(2),
    cash: operation.cash.toFixed(2),
    redeemed: operation.redeemed.toFixed(2),
    earned: operation.earned.toFixed(2),
    customerId: String(operation.customer.id),
  },
});

/** `GET /operations/{id}`. */
export function readOperation(world: World, id: string): object {
  const operation = world.operations.find(one => String(one.id) === id);
  if (!operation) throw notFound();
  return render(world, operation);
}

/** `GET /operations`: a cursor contains the id of the last sent row, so that new ones do not shift the pages. */
export function listOperations(world: World, { query }: SimulatedRequest): object {
  const max = countOf(query.get('max'), 'max', 10, 50);
  const offset = countOf(query.get('offset'), 'offset', 0, 10_000);
  const ordered =
    world.options.listOrder === 'newest-first' ? world.operations.toReversed() : world.operations;
  const cursor = query.get('cursor');
  const last = cursor === null ? -1 : ordered.findIndex(({ id }) => cursor === `after-${id}`);
  if (cursor !== null && last === -1) throw badField('cursor', 'is not valid', cursor);
  const start = cursor === null ? offset : last + 1;
  const rows = ordered.slice(start, start + max);
  const more = start + max < ordered.length && rows.length > 0;
  return {
    rows: rows.map(row => render(world, row)),
    total: 0,
    cursor: more ? `after-${rows.at(-1)!.id}` : null,
  };
}

/** An operation as UDS sends it. */
export function render(world: World, operation: SimOperation): object {
  const { customer, redeemed, earned } = operation;
  const alone = world.options.operationPoints === 'redeemed' && !redeemed.isZero();
  const points = alone ? redeemed.negated() : earned.minus(redeemed);
  const isReversal = operation.state === 'REVERSAL';
  return {
    id: operation.id,
    dateCreated: operation.dateCreated,
    action: 'PURCHASE',
    state: operation.state,
    customer: {
      id: customer.id,
      displayName: customer.displayName,
      uid: customer.uid,
      // Always the base tier, as documented.
      membershipTier: isReversal ? null : tiers.base,
    },
    cashier: operation.cashier && { id: 1, displayName: operation.cashier },
    branch: null,
    points: points.toNumber(),
    certificatePoints: 0,
    receiptNumber: operation.receiptNumber,
    origin: operation.origin === null ? null : { id: operation.origin },
    total: operation.total.toNumber(),
    cash: operation.cash.toNumber(),
  };
}
