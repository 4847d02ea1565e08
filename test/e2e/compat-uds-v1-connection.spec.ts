import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OpenConnection } from '#outbound';
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

const effects = async (type = 'purchase') =>
  (await world.effects('uds')).filter(effect => effect.type === type);
const idOf = ({ body }: Told): number => body.operation.id as number;
const SALE = 'code=123456&total=100&cash=90&scores=10';

const deleted = async () => {
  const gone = await gateway.ask({ method: 'DELETE', path: `/v1/connections/${uds.id}` });
  expect(gone.status).toBe(204);
};
const madeAnew = async () => {
  await deleted();
  const { id } = await world.connect('uds');
  await world.core.stores.connections.update(world.core.database.direct, id, { slug: uds.slug });
};

describe('a repeat', () => {
  it('gets the stored outcome after the connection of its key was deleted, and no other sale is sent', async () => {
    const first = await till.buy(`${SALE}&invoiceNumber=6`);
    const back = await till.post(`revert/${idOf(first)}`);
    expect(back.status).toBe(200);
    await deleted();
    expect(await till.buy(`${SALE}&invoiceNumber=6`)).toMatchObject({
      status: 200,
      body: { operation: { id: idOf(first), cash: 90 } },
    });
    expect(await till.post(`revert/${idOf(first)}`)).toMatchObject({
      status: 200,
      body: { id: back.body.id },
    });
    expect(await till.buy(`${SALE}&invoiceNumber=66`)).toMatchObject({ status: 400 });
    expect(await till.get('company')).toMatchObject({ status: 400 });
    expect(await effects()).toHaveLength(1);
  });

  it('gets the stored outcome after its connection was deleted and made anew under the same name', async () => {
    const headers = { 'gateway-connection': uds.slug };
    const first = await till.buy(`${SALE}&invoiceNumber=6`, { headers });
    await madeAnew();
    expect(idOf(await till.buy(`${SALE}&invoiceNumber=6`, { headers }))).toBe(idOf(first));
    expect(await effects()).toHaveLength(1);
    expect(await till.buy(`${SALE}&invoiceNumber=66`, { headers })).toMatchObject({ status: 200 });
    expect(await effects()).toHaveLength(2);
  });

  it('gets the stored outcome of a revert after its connection was deleted and made anew under the same name', async () => {
    const headers = { 'gateway-connection': uds.slug };
    const whole = idOf(await till.buy(`${SALE}&invoiceNumber=6`, { headers }));
    const partly = idOf(await till.buy(`${SALE}&invoiceNumber=7`, { headers }));
    const revert = (id: number, body = '') => till.post(`revert/${id}`, { headers, body });
    const [first, part] = [await revert(whole), await revert(partly, 'partialAmount=5')];
    expect([first.status, part.status]).toEqual([200, 200]);
    await madeAnew();
    expect(await revert(whole)).toMatchObject({ status: 200, body: first.body });
    expect(await revert(partly, 'partialAmount=5')).toMatchObject({ status: 200, body: part.body });
    expect(await revert(partly)).toMatchObject({ status: 404, body: { errorCode: 'notFound' } });
    expect(await revert(1)).toMatchObject({ status: 404, body: { errorCode: 'notFound' } });
    expect(await effects('refund')).toHaveLength(2);
  });
});

describe('a sale whose outcome was found after its till had been told that it is unknown', () => {
  const fresh = (code: string, wait = 25) =>
    till.buy(`code=${code}&total=100&cash=90&scores=10&invoiceNumber=31`, {
      headers: { prefer: `wait=${wait}`, 'gateway-connection': uds.slug },
    });

  beforeEach(async () => {
    await world.control('faults', { provider: 'uds', method: 'POST', count: 1, fault: 'commit-then-reset' });
    expect((await fresh('111111', 1)).status).toBe(504);
    const state = 'select state from operations where connection_id = $1';
    const states = () => world.core.database.direct.query(state, [uds.id]);
    await expect.poll(states).toEqual([{ state: 'succeeded' }]);
  });

  it('is not sold again to a new code after its connection was deleted and made anew under the same name', async () => {
    await madeAnew();
    const told = await fresh('111112');
    expect(told).toMatchObject({ status: 200, body: { operation: { cash: 90, total: 100 } } });
    expect(idOf(await fresh('111113'))).toBe(idOf(told));
    expect(await effects()).toHaveLength(1);
    expect(idOf(await fresh('000001'))).not.toBe(idOf(told));
    expect(await effects()).toHaveLength(2);
  });

  it('is not said to be undone after its connection was deleted', async () => {
    await deleted();
    expect(await fresh('111112')).toMatchObject({ status: 504, body: { errorCode: 'timeout' } });
    expect(await fresh('111111')).toMatchObject({ status: 200, body: { operation: { cash: 90 } } });
    expect(await effects()).toHaveLength(1);
  });

  it('is not said to be undone while its connection is paused', async () => {
    const turn = (path: string) => gateway.ask({ method: 'POST', path: `/v1/connections/${uds.id}/${path}` });
    expect((await turn('pause')).status).toBe(200);
    expect(await fresh('111112')).toMatchObject({ status: 504, body: { errorCode: 'timeout' } });
    expect((await turn('resume')).status).toBe(200);
    expect(await fresh('111112')).toMatchObject({ status: 200, body: { operation: { cash: 90 } } });
    expect(await effects()).toHaveLength(1);
  });

  it('is not said to be undone while the provider is down', async () => {
    await world.control('faults', { provider: 'uds', method: 'GET', fault: '502-html', count: 100 });
    expect(await fresh('111112', 1)).toMatchObject({ status: 504, body: { errorCode: 'timeout' } });
    expect(await effects()).toHaveLength(1);
  });
});
