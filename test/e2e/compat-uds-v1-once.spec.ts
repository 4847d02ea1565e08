import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCore } from '#outbound';
import type { OpenConnection, OpenCore } from '#outbound';
import { startGateway } from '../support/gateway.js';
import type { TestGateway, Told } from '../support/gateway.js';
import { oldTill } from '../support/old-till.js';
import type { OldTill } from '../support/old-till.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';

let stack: Stack;
let world: World;
let gateway: TestGateway;
let uds: OpenConnection;
let till: OldTill;

beforeAll(async () => {
  stack = await startStack({ workers: true });
  ({ world, gateway } = stack);
});
afterAll(() => stack.close());
beforeEach(async () => {
  await world.control('reset', { provider: 'uds' });
  uds = await world.connect('uds');
  till = await oldTill(gateway, uds);
});

// Ages the rows: Postgres's clock decides what is a repeat.
const age = (table: string, column: string, seconds: number) =>
  world.core.database.direct.query(`update ${table} set ${column} = ${column} - $1 * interval '1 second'`, [
    seconds,
  ]);
const pass = async (seconds: number) => {
  await age('idempotency_keys', 'created_at', seconds);
  await age('operations', 'finished_at', seconds);
};
/** The next sale's answer is lost; so is that of the first look at it, which leaves the test seconds before the outcome is known. */
const loseAnswer = () =>
  world.control('faults', [
    { provider: 'uds', method: 'POST', fault: 'commit-then-reset', count: 1 },
    { provider: 'uds', method: 'GET', pathPattern: '^/operations', fault: '500-without-commit', count: 1 },
  ]);
const effects = async (type = 'purchase') =>
  (await world.effects('uds')).filter(effect => effect.type === type);
const idOf = ({ body }: Told): number => body.operation.id as number;
const SALE = 'code=123456&total=100&cash=90&scores=10';

describe('a purchase with an invoice number', () => {
  it('is booked once when repeated, also with other optional fields', async () => {
    const first = await till.buy(`${SALE}&invoiceNumber=7`);
    await pass(3_600);
    const again = await till.buy(
      `code=123456&total=100.00&scores=10&cashierExternalId=other&invoiceNumber=7`,
    );
    expect(again).toMatchObject({ status: 200, body: { operation: { id: idOf(first), cash: 90 } } });
    expect(await effects()).toHaveLength(1);
  });

  it('is booked once for two simultaneous requests', async () => {
    const both = await Promise.all([1, 2, 3].map(() => till.buy(`${SALE}&invoiceNumber=8`)));
    expect(new Set(both.map(idOf)).size).toBe(1);
    expect(await effects()).toHaveLength(1);
  });

  it('is booked once for two simultaneous cashiers, and both get the answer', async () => {
    await till.get('company');
    const both = await Promise.all(
      [1, 2, 3, 4].map(cashier => till.buy(`${SALE}&invoiceNumber=8&cashierExternalId=${cashier}`)),
    );
    expect(both.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(both.map(idOf)).size).toBe(1);
    expect(await effects()).toHaveLength(1);
  });

  it.each([
    'code=111111&total=100&cash=90&scores=10',
    'code=123456&total=101&cash=91&scores=10',
    'code=123456&total=100&cash=91&scores=9',
  ])('is another one for another buyer, sum or points under the same number: %s', async other => {
    const first = await till.buy(`${SALE}&invoiceNumber=1`);
    const second = await till.buy(`${other}&invoiceNumber=1`);
    expect(idOf(second)).not.toBe(idOf(first));
    expect(await effects()).toHaveLength(2);
  });

  it('is another one under a number with another last digit, however long the JSON number', async () => {
    const sell = (last: number) =>
      till.post('purchase', { body: `{"code":"123456","total":7,"invoiceNumber":2016112816064712${last}}` });
    const [one, other] = [await sell(1), await sell(2)];
    expect(idOf(one)).not.toBe(idOf(other));
    const sent = (await world.journal('uds')).filter(({ method }) => method === 'POST');
    expect(sent.map(({ body }) => JSON.parse(body!).receipt.number)).toEqual([
      '20161128160647121',
      '20161128160647122',
    ]);
  });

  it('is another one for a till with its own key', async () => {
    const neighbour = await oldTill(gateway, uds);
    const first = await till.buy(`${SALE}&invoiceNumber=1`);
    expect(idOf(await neighbour.buy(`${SALE}&invoiceNumber=1`))).not.toBe(idOf(first));
  });

  it('can be tried again after each refusal', async () => {
    const wrong = 'code=123456&total=100&cash=95&scores=10&invoiceNumber=5';
    const refusals = [await till.buy(wrong), await till.buy(wrong)];
    expect(refusals.map(({ status }) => status)).toEqual([400, 400]);
    expect(await till.buy(`${SALE}&invoiceNumber=5`)).toMatchObject({ status: 200 });
    expect(await till.buy(wrong)).toMatchObject({ status: 200, body: { operation: { cash: 90 } } });
    expect(await effects()).toHaveLength(1);
  });

  it('is sent with its invoice number, and a reference that does not reveal the code', async () => {
    await till.buy(`${SALE}&invoiceNumber=A-17`);
    const sent = (await world.journal('uds')).find(({ method }) => method === 'POST')!;
    expect(JSON.parse(sent.body!).receipt).toMatchObject({
      number: 'A-17',
      total: 100,
      cash: 90,
      points: 10,
    });
    const [operation] = await world.core.database.direct.query(
      'select merchant_reference as reference from operations where connection_id = $1',
      [uds.id],
    );
    expect(operation.reference).toMatch(/^v1-[0-9a-f]{32}$/);
  });
});

describe('a purchase without an invoice number', () => {
  it('counts as a repeat for two minutes', async () => {
    const first = await till.buy(SALE);
    await pass(110);
    expect(idOf(await till.buy(SALE))).toBe(idOf(first));
    await pass(11);
    expect(idOf(await till.buy(SALE))).not.toBe(idOf(first));
    expect(await effects()).toHaveLength(2);
  });

  it.each([1, 59, 61, 100])('is joined %i s later, whatever the time of day', async seconds => {
    const first = await till.buy(SALE);
    await pass(seconds);
    expect(idOf(await till.buy(SALE))).toBe(idOf(first));
  });

  it('is a repeat while the first outcome is unknown, and two minutes more', async () => {
    await till.get('company');
    await loseAnswer();
    const at = { headers: { prefer: 'wait=1' } };
    expect((await till.buy('code=123456&total=100', at)).status).toBe(504);
    await age('idempotency_keys', 'created_at', 600);
    const again = await till.buy('code=123456&total=100');
    expect(again.status).toBe(200);
    await pass(110);
    expect(idOf(await till.buy('code=123456&total=100'))).toBe(idOf(again));
    expect(await effects()).toHaveLength(1);
    await pass(11);
    expect(idOf(await till.buy('code=123456&total=100'))).not.toBe(idOf(again));
  });

  describe('with another process of the gateway', () => {
    let open: OpenCore;
    let other: TestGateway;

    beforeAll(async () => {
      open = await createCore(world.settings);
      other = await startGateway({ ...world, ...open });
    });
    afterAll(async () => {
      await other.close();
      await open.close();
    });

    it('is booked once, also when its window has just ended', async () => {
      const key = await gateway.makeKey({ scopes: ['compat'], defaultConnectionId: uds.id });
      const path = `/compat/uds/v1/partner/purchase?${SALE}`;
      const ask = (from: TestGateway) =>
        from.ask({ method: 'POST', path, key: null, headers: { 'x-api-key': key } });
      const first = (await Promise.all([gateway, other, gateway, other].map(ask))).map(idOf);
      expect(new Set(first).size).toBe(1);
      await pass(121);
      const later = (await Promise.all([other, gateway, other, gateway].map(ask))).map(idOf);
      expect(new Set(later).size).toBe(1);
      expect(new Set([...first, ...later]).size).toBe(2);
      expect(await effects()).toHaveLength(2);
    });
  });
});

describe('an unknown outcome', () => {
  it('is 504 in v1 format, and a repeat gets the final outcome', async () => {
    await world.control('faults', { provider: 'uds', method: 'POST', fault: 'commit-then-reset', count: 1 });
    const lost = await till.buy(`${SALE}&invoiceNumber=3`, { headers: { prefer: 'respond-async' } });
    expect(lost).toMatchObject({ status: 504, body: { errorCode: 'timeout' } });
    expect(lost.body.message).toMatch('с тем же номером чека');
    const again = await till.buy(`${SALE}&invoiceNumber=3`, { headers: { prefer: 'wait=25' } });
    expect(again).toMatchObject({ status: 200, body: { operation: { cash: 90, total: 100 } } });
    expect(await effects()).toHaveLength(1);
  });

  describe('and the same sale with a new code', () => {
    const lose = async (code: string, breakNext: () => Promise<unknown> = loseAnswer) => {
      await till.get('company');
      await breakNext();
      const query = `code=${code}&total=100&cash=90&scores=10&invoiceNumber=31`;
      expect((await till.buy(query, { headers: { prefer: 'wait=1' } })).status).toBe(504);
    };
    // Long enough for a slow test to act before the answer.
    const answerLate = (delayMs = 4_000) =>
      world.control('faults', {
        provider: 'uds',
        method: 'POST',
        fault: 'late-answer',
        params: { delayMs },
        count: 1,
      });
    // An earlier test's mark may not be deleted yet, and must not be counted.
    const forgetMarks = () =>
      world.core.database.direct.query(`delete from idempotency_keys where key like 'doubt-%'`);
    const marks = async () => {
      const kept = `select key from idempotency_keys where key like 'doubt-%'`;
      return (await world.core.database.direct.query(kept)).length as number;
    };
    const fresh = (code: string, wait = 25) =>
      till.buy(`code=${code}&total=100&cash=90&scores=10&invoiceNumber=31`, {
        headers: { prefer: `wait=${wait}` },
      });

    it('does not sell twice: it waits for the outcome of the first', async () => {
      await lose('111111');
      expect(await fresh('111112', 0)).toMatchObject({ status: 504, body: { errorCode: 'timeout' } });
      const told = await fresh('111113');
      expect(told).toMatchObject({ status: 200, body: { operation: { cash: 90, total: 100 } } });
      expect(idOf(await fresh('111112'))).toBe(idOf(told));
      expect(await effects()).toHaveLength(1);
    });

    it('does not sell twice when the points are left out', async () => {
      await lose('123456');
      const told = await till.buy('code=123456&total=100&cash=100&scores=0&invoiceNumber=31', {
        headers: { prefer: 'wait=25' },
      });
      expect(told).toMatchObject({ status: 200, body: { operation: { cash: 90, total: 100 } } });
      expect(await effects()).toHaveLength(1);
    });

    it('does not sell twice when the till disconnected before the answer', async () => {
      const url = await gateway.listen();
      const key = await gateway.makeKey({ scopes: ['compat'], defaultConnectionId: uds.id });
      await answerLate();
      const sell = (code: string, signal?: AbortSignal) =>
        fetch(`${url}/compat/uds/v1/partner/purchase?code=${code}&total=100&invoiceNumber=32`, {
          method: 'POST',
          headers: { 'x-api-key': key, prefer: 'wait=25' },
          ...(signal && { signal }),
        });
      await forgetMarks();
      const patience = new AbortController();
      const asked = sell('111111', patience.signal).catch(() => undefined);
      await expect.poll(effects).toHaveLength(1);
      patience.abort();
      await asked;
      await expect.poll(marks).toBe(1);
      expect((await sell('111112')).status).toBe(200);
      expect(await effects()).toHaveLength(1);
    });

    it('does not sell twice while the first is in progress', async () => {
      await answerLate();
      const first = fresh('111111');
      await expect.poll(effects).toHaveLength(1);
      const second = await fresh('111112');
      expect(second).toMatchObject({ status: 200 });
      expect(idOf(second)).toBe(idOf(await first));
      expect(await effects()).toHaveLength(1);
    });

    it('is another sale once the first was answered', async () => {
      await forgetMarks();
      const first = await fresh('111111');
      await expect.poll(marks).toBe(0);
      expect(idOf(await fresh('111112'))).not.toBe(idOf(first));
      expect(await effects()).toHaveLength(2);
    });

    it('is another sale while the mark of the first is still being deleted', async () => {
      await forgetMarks();
      await answerLate();
      const asked = fresh('123456');
      await expect.poll(marks).toBe(1);
      const { first, next } = await world.core.database.transaction(async tx => {
        await tx.query(`select 1 from idempotency_keys where key like 'doubt-%' for update`);
        const first = await asked;
        const next = till.buy('code=123456&total=100&cash=91&scores=9&invoiceNumber=31');
        // Long enough for a sale that does not wait for the deletion to find the mark.
        for (let i = 0; i < 50; i++) await marks();
        return { first, next };
      });
      expect(idOf(await next)).not.toBe(idOf(first));
      expect(await effects()).toHaveLength(2);
    });

    it('is another sale for another customer, or half an hour after the outcome was known', async () => {
      await lose('111111');
      const known = await fresh('111112');
      expect(idOf(await fresh('000001'))).not.toBe(idOf(known));
      await pass(1_900);
      expect(idOf(await fresh('111112'))).not.toBe(idOf(known));
      expect(await effects()).toHaveLength(3);
    });

    it('is sent when the first was refused', async () => {
      await lose('999999', () => answerLate(5_000));
      expect(await fresh('111112')).toMatchObject({ status: 200, body: { operation: { cash: 90 } } });
      expect(await effects()).toHaveLength(1);
    });
  });

  it('gets the stored outcome while the provider is down', async () => {
    const first = await till.buy(`${SALE}&invoiceNumber=4`);
    await world.control('faults', { provider: 'uds', fault: '502-html', count: 100 });
    expect(idOf(await till.buy(`${SALE}&invoiceNumber=4`))).toBe(idOf(first));
  });
});

describe('a revert of a part', () => {
  it('counts as a repeat for two minutes, and as a new one later', async () => {
    await till.buy('code=123456&total=100&invoiceNumber=6');
    const part = (partialAmount: string) =>
      till.post(`revert/803998923`, { body: `partialAmount=${partialAmount}` });
    const first = await part('5');
    expect((await part('5,00')).body).toEqual(first.body);
    expect((await part('7')).body.total).toBe(-7);
    await pass(121);
    expect((await part('5')).body.id).not.toBe(first.body.id);
    expect((await till.post('revert/803998923')).body.total).toBe(-83);
    expect(await effects('refund')).toHaveLength(4);
  });
});

describe('the same purchase', () => {
  it('has the same journal through the façade and through /v1', async () => {
    const lines = async () =>
      (await world.journal('uds')).map(({ method, path, status, body }) => ({
        method,
        path,
        status,
        body: body && { ...JSON.parse(body), nonce: 'one' },
      }));
    await till.buy('code=123456&total=100&cash=90&scores=10&cashierExternalId=11112&invoiceNumber=10');
    const facade = await lines();
    await world.control('reset', { provider: 'uds' });
    const rub = (amount: string) => ({ amount, currency: 'RUB' });
    const canonical = await gateway.ask({
      method: 'POST',
      path: '/v1/purchases',
      headers: {
        'idempotency-key': `order-${uds.id}`,
        'gateway-connection': (await world.connect('uds')).slug,
      },
      body: {
        identifier: { type: 'code', value: '123456' },
        merchantReference: 'order-10',
        receipt: { total: rub('100'), redeemPoints: '10', number: '10', expectedPayable: rub('90') },
        cashier: { externalId: '11112' },
      },
    });
    expect(canonical.status).toBe(201);
    expect(facade.map(({ path }) => path)).toHaveLength(2);
    expect(await lines()).toEqual(facade);
  });
});
