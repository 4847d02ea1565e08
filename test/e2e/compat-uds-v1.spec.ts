import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startWorkers } from '#outbound';
import type { OpenConnection, Workers } from '#outbound';
import { startGateway } from '../support/gateway.js';
import type { TestGateway, Told } from '../support/gateway.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const PATH = '/compat/uds/v1/partner';

let world: World;
let workers: Workers;
let gateway: TestGateway;
let uds: OpenConnection;
let key: string;

beforeAll(async () => {
  world = await startWorld();
  workers = startWorkers(world.core, world.queues);
  gateway = await startGateway(world);
  uds = await world.connect('uds');
  key = await gateway.makeKey({ scopes: ['compat'], defaultConnectionId: uds.id });
});
afterAll(async () => {
  await gateway.close();
  await workers.close();
  await world.close();
});
beforeEach(() => world.control('reset', { provider: 'uds' }));

const till = (
  method: 'GET' | 'POST',
  path: string,
  { body, headers }: { body?: string; headers?: Record<string, string> } = {},
): Promise<Told> =>
  gateway.ask({ method, path, key: null, headers: { 'x-api-key': key, ...headers }, ...(body && { body }) });

const buy = (query: string, more: { body?: string; headers?: Record<string, string> } = {}) =>
  till('POST', `${PATH}/purchase?${query}`, more);
const sales = async () => (await world.effects('uds')).filter(effect => effect.type === 'purchase');

describe('an old till at UDS', () => {
  it('reads the company', async () => {
    const answer = await till('GET', `${PATH}/company`);
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toEqual({
      promoCode: 'romashka',
      baseDiscountPolicy: 'CHARGE_SCORES',
      currency: 'RUB',
      id: 549755813888,
      purchaseByPhone: true,
      marketingSettings: {
        discountBase: 5,
        discountLevel1: 5,
        discountLevel2: 3,
        discountLevel3: 1,
        maxScoresDiscount: 50,
      },
      name: 'Кофейня «Ромашка»',
    });
  });

  it('looks a customer up as the document does, with the text null', async () => {
    const answer = await till('GET', `${PATH}/customer?code=123456&customerId=null&phone=null&uid=null`);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      level: 'Золото',
      discountRate: 10,
      scores: 928.5,
      dateCreated: '2025-01-15T09:30:00.000Z',
      id: 1099576113739,
      skype: null,
      vip: false,
      name: 'Анна',
      birthday: '1990-05-17',
      gender: 'FEMALE',
      instagram: null,
      uid: '4c7e1f1e-0f6d-4f0e-9b57-2a5f3f0c1a01',
      birthDate: '1990-05-17',
      participantId: 1099576113739,
      surname: 'Смирнова',
      email: 'anna@example.com',
      avatar: 'https://cdn.example.com/avatars/4c7e1f1e-0f6d-4f0e-9b57-2a5f3f0c1a01.png',
      participant: true,
    });
  });

  it('buys with points and reverts a part, as recorded', async () => {
    const query =
      'code=123456&total=100&cash=60&scores=40&cashierExternalId=11112&phone=null&uid=null&invoiceNumber=77';
    const bought = await buy(query);
    expect(bought.status).toBe(200);
    expect(bought.body).toEqual({
      operation: {
        cash: 60,
        cashier: { email: null, externalId: '11112', name: null },
        customer: { id: 1099576113739, name: null, surname: null },
        dateCreated: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        id: 803998923,
        marketingSettings: expect.objectContaining({ discountBase: 5, maxScoresDiscount: 50 }),
        participantId: 1099576113739,
        scoresDelta: -34,
        scoresNew: null,
        total: 100,
      },
    });
    const reverted = await till('POST', `${PATH}/revert/803998923`, {
      body: '{ "partialAmount": 5 }',
      headers: { 'content-type': 'application/json' },
    });
    expect(reverted.status).toBe(200);
    expect(reverted.body).toEqual({
      ...bought.body.operation,
      cash: -3,
      cashier: { email: null, externalId: null, name: null },
      dateCreated: expect.any(String),
      id: 803998924,
      scoresDelta: 1.7,
      total: -5,
    });
    const [, sent] = await world.effects('uds');
    expect(sent).toMatchObject({ type: 'refund' });
  });
});
