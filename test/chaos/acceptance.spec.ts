import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Refusal } from '#canonical';
import { accept, purchaseKind, refundKind } from '#outbound';
import type { Accepted, Kind, OpenConnection } from '#outbound';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

// Nothing is sent here: these tests check what a hundred simultaneous requests store.
let world: World;
let uds: OpenConnection;
beforeAll(async () => {
  world = await startWorld({ sandbox: { only: ['uds'] } });
  uds = await world.connect('uds');
});
afterAll(() => world.close());

const rub = (amount: string) => ({ amount, currency: 'RUB' });
const sale = (merchantReference: string, amount = '100.00') => ({
  identifier: { type: 'code', value: '700007' },
  merchantReference,
  receipt: { total: rub(amount) },
});

interface Asked {
  kind?: Kind;
  body: unknown;
  key?: string;
  params?: Record<string, string>;
}

const take = ({ kind = purchaseKind, body, key = randomUUID(), params = {} }: Asked) =>
  accept(world.core, { kind, connection: uds, body, params, idempotencyKey: key, waitMs: 0 });

/** The outcome of each request, or the code of its refusal. */
async function outcomes(all: Promise<Accepted>[]): Promise<Record<string, number>> {
  const counted: Record<string, number> = {};
  for (const each of await Promise.allSettled(all)) {
    if (each.status === 'rejected' && !(each.reason instanceof Refusal)) throw each.reason;
    const name = each.status === 'fulfilled' ? each.value.outcome : (each.reason as Refusal).code;
    counted[name] = (counted[name] ?? 0) + 1;
  }
  return counted;
}

const count = async (table: string, where: string, value: string): Promise<number> => {
  const sql = `select count(*)::int as n from ${table} where ${where} = $1`;
  return (await world.core.database.source.query(sql, [value]))[0].n;
};

const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

it('accepts one of many simultaneous requests with the same key', async () => {
  const body = sale('one-key');
  const key = randomUUID();
  expect(await outcomes(times(40, () => take({ body, key })))).toEqual({ new: 1, joined: 39 });
  expect(await count('operations', 'merchant_reference', 'one-key')).toBe(1);
  expect(await count('purchases', 'merchant_reference', 'one-key')).toBe(1);
});

it('accepts one purchase per reference and returns it for the same request under other keys', async () => {
  const body = sale('one-reference');
  expect(await outcomes(times(40, () => take({ body })))).toEqual({ new: 1, matched: 39 });
  expect(await count('operations', 'merchant_reference', 'one-reference')).toBe(1);
  expect(await count('purchases', 'merchant_reference', 'one-reference')).toBe(1);
});

it('refuses other content under a key or a reference that is in use', async () => {
  const key = randomUUID();
  const sameKey = times(20, i => take({ body: sale(`key-${i}`), key }));
  expect(await outcomes(sameKey)).toEqual({ new: 1, 'idempotency-key-reused': 19 });
  const sameReference = times(20, i => take({ body: sale('contested', `${i + 1}.00`) }));
  expect(await outcomes(sameReference)).toEqual({ new: 1, 'duplicate-reference': 19 });
  expect(await count('purchases', 'merchant_reference', 'contested')).toBe(1);
});

it('frees the key of a refused request', async () => {
  const key = randomUUID();
  const wrong = sale('refused', '0.00');
  expect(await outcomes(times(10, () => take({ body: wrong, key })))).toEqual({ 'validation-failed': 10 });
  expect(await outcomes([take({ body: sale('refused'), key })])).toEqual({ new: 1 });
});

it('never accepts refunds above the purchase total, also with concurrent keys, references and refunds of the rest', async () => {
  const bought = await world.write(purchaseKind, uds, { body: sale('refunded'), waitMs: 15_000 });
  const params = { purchaseId: (bought.body as { id: string }).id };
  const part = (i: number) => ({ merchantReference: `part-${i}`, amount: rub('30.00') });
  // Four refunds of 30 exceed 100: any three fit. Each is sent five times under its own key.
  const keys = times(4, () => randomUUID());
  const asked = times(20, i => take({ kind: refundKind, body: part(i % 4), key: keys[i % 4]!, params }));
  expect(await outcomes(asked)).toEqual({ new: 3, joined: 12, 'refund-exceeds-purchase': 5 });
  expect(await count('refunds', 'purchase_id', params.purchaseId)).toBe(3);
});
