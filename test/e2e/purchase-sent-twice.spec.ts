import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeNow, purchaseKind } from '#outbound';
import type { OpenConnection } from '#outbound';
import { connectThroughRepeats } from '../support/repeating-proxy.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

let world: World;
let uds: Awaited<ReturnType<typeof connectThroughRepeats>>;
let loyalclient: Awaited<ReturnType<typeof connectThroughRepeats>>;

beforeAll(async () => {
  world = await startWorld({
    store: 'postgres',
    sandbox: { only: ['uds', 'loyalclient'], options: { uds: { repeatedNonce: 'not-found' } } },
    glanceAfterMs: 1,
  });
  uds = await connectThroughRepeats(world, 'uds', line => line === 'POST /uds/partner/v2/operations');
  loyalclient = await connectThroughRepeats(world, 'loyalclient', line => line.endsWith('/retail'));
});
afterAll(async () => {
  await world.close();
  await uds.close();
  await loyalclient.close();
});

const sold = (connection: OpenConnection, identifier: object, more: object) => {
  const { merchantReference, ...receipt } = { merchantReference: 'twice', ...more };
  const total = { amount: '1000.00', currency: 'RUB' };
  const body = { identifier, merchantReference, receipt: { total, ...receipt } };
  return world.write(purchaseKind, connection, { body, waitMs: 20_000 });
};

describe('a sale that a proxy repeats, with the answer to the second request', () => {
  it('is found in the ledger of UDS, although its code is used up now', async () => {
    const code = { type: 'code', value: '111111' };
    const answer = await sold(uds.connection, code, { redeemPoints: '240' });
    expect(await world.effects('uds')).toHaveLength(1);
    expect(answer).toMatchObject({
      status: 201,
      body: { state: 'succeeded', result: { redeemedPoints: '240' } },
    });
  });

  it('is refused by UDS at once, after one look, where nothing was booked', async () => {
    const before = await world.journal('uds');
    const wrong = { type: 'code', value: '999999' };
    const answer = await sold(uds.connection, wrong, { merchantReference: 'wrong' });
    expect(answer).toMatchObject({ status: 404, body: { code: 'customer-not-found' } });
    const sent = (await world.journal('uds')).slice(before.length).map(({ method, path }) => method + path);
    expect(sent.filter(line => line.includes('/operations'))).toEqual([
      'POST/operations',
      'POST/operations',
      'GET/operations',
    ]);
  });

  it('is not rejected by LoyalClient, which has the points already, and goes to a person', async () => {
    const { core } = world;
    const phone = { type: 'phone', value: '+79031234567' };
    const { operationId } = await sold(loyalclient.connection, phone, { redeemPoints: '878' });
    const stored = async () => (await core.stores.operations.byId(core.database.direct, operationId!))!;
    expect(await world.effects('loyalclient')).toHaveLength(1);
    expect(await stored()).toMatchObject({ state: 'unknown', outcome: 'unknown' });
    await probeNow(core, world.tenantId, operationId!);
    expect(await stored()).toMatchObject({ state: 'needs-review', evidence: 'weak' });
  });
});
