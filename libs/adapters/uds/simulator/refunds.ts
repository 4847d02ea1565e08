import { Decimal } from 'decimal.js';
import type { SimulatedRequest } from '#adapter-kit/testing';
import { effectOf, render } from './operations.js';
import type { Done } from './operations.js';
import { neededAmount, parseBody } from './reading.js';
import { badField, notFound, Refused } from './refused.js';
import type { SimOperation, World } from './world.js';

/** `POST /operations/{id}/refund`: `partialAmount` in units of the total; UDS splits it into money and points. */
export function refund(world: World, id: string, { body, now }: SimulatedRequest): Done {
  const original = world.operations.find(operation => String(operation.id) === id);
  if (!original) throw notFound();
  const request = parseBody(body);
  const earlier = world.operations.filter(({ origin }) => origin === original.id);
  const left = earlier.reduce((rest, { total }) => rest.plus(total), original.total);
  const amount =
    request['partialAmount'] == null ? left : neededAmount(request['partialAmount'], 'partialAmount');
  if (original.state === 'REVERSAL') throw new Refused(400, 'badRequest', 'A refund cannot be refunded');
  if (amount.lessThanOrEqualTo(0) || amount.greaterThan(left))
    throw badField(
      'partialAmount',
      'must be positive and not exceed the rest of the operation',
      amount.toNumber(),
    );
  return reverse(world, { original, earlier, amount, last: amount.equals(left), now });
}

interface Reversing {
  original: SimOperation;
  earlier: SimOperation[];
  amount: Decimal;
  last: boolean;
  now: Date;
}

function reverse(world: World, { original, earlier, amount, last, now }: Reversing): Done {
  // The last part returns the rest, including earlier rounding differences.
  const part = (whole: Decimal, name: 'cash' | 'redeemed' | 'earned') => {
    const rest = earlier.reduce((sum, before) => sum.plus(before[name]), whole);
    const share = whole.times(amount).dividedBy(original.total).toDecimalPlaces(2, Decimal.ROUND_HALF_UP);
    return last ? rest : Decimal.min(rest, share);
  };
  const redeemed = part(original.redeemed, 'redeemed');
  const earned = part(original.earned, 'earned');
  const reversal: SimOperation = {
    ...original,
    id: world.nextOperationId,
    dateCreated: now.toISOString(),
    state: 'REVERSAL',
    total: amount.negated(),
    cash: part(original.cash, 'cash').negated(),
    redeemed: redeemed.negated(),
    earned: earned.negated(),
    receiptNumber: null,
    origin: original.id,
  };
  world.nextOperationId += 1;
  if (last) original.state = 'CANCELED';
  const credited = world.options.deferPointsForDays > 0 ? new Decimal(0) : earned;
  original.customer.points = original.customer.points.plus(redeemed).minus(credited);
  world.operations.push(reversal);
  return { body: render(world, reversal), effect: effectOf('refund', reversal) };
}
