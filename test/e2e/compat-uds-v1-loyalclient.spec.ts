import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OpenConnection } from '#outbound';
import type { TestGateway } from '../support/gateway.js';
import { oldTill } from '../support/old-till.js';
import type { OldTill } from '../support/old-till.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';

let stack: Stack;
let world: World;
let gateway: TestGateway;
let connection: OpenConnection;
let till: OldTill;

beforeAll(async () => {
  stack = await startStack({ workers: true });
  ({ world, gateway } = stack);
  connection = await world.connect('loyalclient', { currency: 'RUB' });
  till = await oldTill(gateway, connection);
});
afterAll(() => stack.close());
beforeEach(() => world.control('reset', { provider: 'loyalclient' }));

const noRules = {
  discountBase: 0,
  discountLevel1: 0,
  discountLevel2: 0,
  discountLevel3: 0,
  maxScoresDiscount: 100,
};

describe('a recorded session of an old till at LoyalClient', () => {
  it('works except for the revert, which is not supported there', async () => {
    const company = await till.get('company');
    expect(company).toMatchObject({
      status: 200,
      body: {
        baseDiscountPolicy: 'CHARGE_SCORES',
        currency: 'RUB',
        purchaseByPhone: true,
        marketingSettings: noRules,
      },
    });
    expect(company.body.id).toBeGreaterThan(0);
    expect((await till.get('company')).body.id).toBe(company.body.id);
    const found = await till.get('customer?code=012345&customerId=null&phone=null&uid=null');
    expect(found).toMatchObject({
      status: 200,
      body: {
        name: 'Anna',
        surname: 'Petrova',
        scores: 878,
        discountRate: 10,
        level: 'Бонусы',
        participant: true,
      },
    });
    const bought = await till.buy(
      'code=012345&total=100&cash=60&scores=40&cashierExternalId=11112&invoiceNumber=77',
    );
    expect(bought).toMatchObject({
      status: 200,
      body: { operation: { cash: 60, total: 100, scoresDelta: -40, marketingSettings: noRules } },
    });
    const { id } = bought.body.operation;
    expect(id).toBeGreaterThan(0);
    expect(id).toBeLessThan(2 ** 31);
    const body = '{"partialAmount": 5}';
    const reverted = await till.post(`revert/${id}`, {
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(reverted).toMatchObject({ status: 501, body: { errorCode: 'notSupported' } });
    expect(reverted.body.message).toMatch(/не поддерживает/);
    expect(await world.effects('loyalclient')).toHaveLength(1);
  });
});

describe('the number of a purchase without a provider number', () => {
  it('is assigned by the gateway: stable for repeats, different for other purchases', async () => {
    const ask = (invoice: number) => till.buy(`phone=79031234567&total=10&invoiceNumber=${invoice}`);
    const ids = (await Promise.all([1, 2, 3, 1, 2, 3].map(ask))).map(
      ({ body }) => body.operation.id as number,
    );
    expect(ids.slice(0, 3)).toEqual(ids.slice(3));
    expect(new Set(ids).size).toBe(3);
  });

  it('is another one if the first choice is taken', async () => {
    const sell = (invoice: number) => till.buy(`phone=79031234567&total=11&invoiceNumber=${invoice}`);
    const [one, two] = [await sell(11), await sell(12)].map(({ body }) => body.operation.id as number);
    const { direct } = world.core.database;
    await direct.query('update purchases set v1_alias = null where v1_alias = $1', [two]);
    await direct.query('update purchases set v1_alias = $2 where v1_alias = $1', [one, two]);
    const again = (await sell(12)).body.operation.id;
    expect(again).not.toBe(two);
    expect((await sell(11)).body.operation.id).toBe(two);
    expect((await sell(12)).body.operation.id).toBe(again);
  });
});

describe('a customer of a discount level', () => {
  it('pays less, and cannot use points', async () => {
    const bought = await till.buy('code=700700&total=100&cash=93&invoiceNumber=20');
    expect(bought).toMatchObject({
      status: 200,
      body: { operation: { cash: 93, total: 100, scoresDelta: 0 } },
    });
    const refused = await till.buy('code=700700&total=100&scores=10&invoiceNumber=21');
    expect(refused.status).toBe(400);
  });
});
