import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { connectionById } from '#outbound';
import type { OpenConnection } from '#outbound';
import { startGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { FACADE, oldTill } from '../support/old-till.js';
import type { OldTill } from '../support/old-till.js';
import { startServer } from '../support/server.js';
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
// The sandbox restarts its operation numbers after a reset, so each test has its own account.
beforeEach(async () => {
  await world.control('reset', { provider: 'uds', options: {} });
  uds = await world.connect('uds');
  till = await oldTill(gateway, uds);
});

const company = {
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
};
const anna = {
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
};
const sold = {
  // The sandbox calls a cashier by the id.
  cashier: { email: null, externalId: '11112', name: '11112' },
  customer: { id: 1099576113739, name: null, surname: null },
  dateCreated: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  id: 803998923,
  marketingSettings: company.marketingSettings,
  participantId: 1099576113739,
  scoresNew: null,
};
const sales = async () => (await world.effects('uds')).filter(effect => effect.type === 'purchase');

describe('a recorded session of an old till at UDS', () => {
  it('looks up, buys with points and reverts a part', async () => {
    expect(await till.get('company')).toMatchObject({ status: 200, body: company });
    const found = await till.get('customer?code=123456');
    expect(found.status).toBe(200);
    expect(found.body).toEqual(anna);
    const bought = await till.buy(
      'code=123456&total=100&cash=60&scores=40&cashierExternalId=11112&invoiceNumber=77',
    );
    expect(bought.status).toBe(200);
    expect(bought.body).toEqual({ operation: { ...sold, cash: 60, scoresDelta: -34, total: 100 } });
    const body = '{ "partialAmount": 5 }';
    const reverted = await till.post('revert/803998923', {
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(reverted.status).toBe(200);
    expect(reverted.body).toEqual({
      ...sold,
      cash: -3,
      cashier: { ...sold.cashier, externalId: null },
      id: 803998924,
      scoresDelta: 1.7,
      total: -5,
    });
  });

  it('reverts as a whole without a body, once, and never more than was paid', async () => {
    await till.buy('phone=79990000001&total=50&invoiceNumber=78');
    const whole = await till.post('revert/803998923');
    expect(whole).toMatchObject({ status: 200, body: { total: -50, id: 803998924 } });
    expect((await till.post('revert/803998923')).body).toEqual(whole.body);
    expect((await world.effects('uds')).filter(effect => effect.type === 'refund')).toHaveLength(1);
    const more = await till.post('revert/803998923', { body: 'partialAmount=1' });
    expect(more).toMatchObject({ status: 400, body: { errorCode: 'badRequest' } });
  });

  it.each([null, '9007199254740993'])(
    'never shows the number of the sale as that of its reversal: %s',
    async number => {
      await till.buy('phone=79990000001&total=50&invoiceNumber=79');
      await till.post('revert/803998923');
      await world.core.database.direct.query(
        `update refunds set provider_operation_id = $2 where connection_id = $1`,
        [uds.id, number],
      );
      expect(await till.post('revert/803998923')).toMatchObject({ status: 200, body: { id: 0, total: -50 } });
    },
  );
});

describe('the requests of the provider’s own document, verbatim', () => {
  // The document's purchase uses the code 123, which does not exist in the sandbox: it is mapped to 123456.
  const withCode123 = async () => {
    const base = world.sandbox.baseUrl('uds');
    const front = await startServer((request, response) => {
      const forward = async () => {
        const chunks = await request.toArray();
        const body = Buffer.concat(chunks).toString().replace('"code":"123"', '"code":"123456"');
        const { authorization = '' } = request.headers;
        const answer = await fetch(`${base}${request.url}`, {
          method: request.method,
          headers: { authorization, 'content-type': 'application/json' },
          ...(request.method === 'POST' && { body }),
        });
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
      };
      void forward();
    });
    await world.core.stores.connections.update(world.core.database.direct, uds.id, { baseUrl: front.url });
    return front;
  };

  it('are answered with every v1 field in place, under the old host', async () => {
    const front = await withCode123();
    const headers = { host: 'udsgame.com' };
    const at = '/v1/partner';
    expect((await till.get(`${at}/company`, { headers })).body).toEqual(company);
    const found = await till.get(`${at}/customer?code=123456&customerId=null&phone=null&uid=null`, {
      headers,
    });
    expect(found.body).toEqual(anna);
    const bought = await till.post(
      `${at}/purchase?code=123&total=11&cash=11&scores=0&cashierExternalId=11112&phone=null&uid=null&invoiceNumber=123`,
      { headers },
    );
    expect(bought.body).toEqual({ operation: { ...sold, cash: 11, scoresDelta: 1.1, total: 11 } });
    const reverted = await till.post(`${at}/revert/803998923`, {
      headers: { ...headers, 'content-type': 'application/json' },
      body: '{\n "partialAmount": 5\n}',
    });
    const cashier = { ...sold.cashier, externalId: null };
    const back = { cash: -5, cashier, id: 803998924, scoresDelta: -0.5, total: -5 };
    expect(reverted.body).toEqual({ ...sold, ...back });
    await front.close();
  });
});

describe('a company that gives a discount at once', () => {
  it('is shown as such, and expects the cash after the customer’s discount', async () => {
    await world.control('reset', { provider: 'uds', options: { policy: 'APPLY_DISCOUNT' } });
    expect((await till.get('company')).body.baseDiscountPolicy).toBe('APPLY_DISCOUNT');
    const bought = await till.buy('code=123456&total=100&cash=90&scores=0');
    expect(bought).toMatchObject({
      status: 200,
      body: { operation: { cash: 90, total: 100, scoresDelta: 0 } },
    });
    const wrong = await till.buy('code=123456&total=200&cash=200&scores=0');
    expect(wrong).toMatchObject({ status: 400, body: { errorCode: 'invalidChecksum' } });
  });
});

describe('the bare path', () => {
  it.each(['udsgame.com', 'UDSGAME.com', 'udsgame.com:443'])('is there under Host: %s', async host => {
    expect((await till.get('/v1/partner/company', { headers: { host } })).status).toBe(200);
  });

  it.each(['localhost', 'gateway.example', 'udsgame.com.example', 'notudsgame.com'])(
    'is not there under Host: %s, which says so',
    async host => {
      expect(await till.get('/v1/partner/company', { headers: { host } })).toMatchObject({
        status: 404,
        body: { code: 'not-found', detail: expect.stringContaining('`Host: udsgame.com`') },
      });
    },
  );

  it('does not shadow the canonical paths under the old host', async () => {
    expect((await gateway.ask({ path: '/v1/providers', headers: { host: 'udsgame.com' } })).status).toBe(200);
  });
});

describe('authorization', () => {
  it('needs a key of the scope compat in X-Api-Key', async () => {
    const none = await gateway.ask({ path: `${FACADE}/company`, key: null });
    expect(none).toMatchObject({
      status: 401,
      body: { errorCode: 'unauthorized', message: expect.any(String) },
    });
    const key = await gateway.makeKey({ scopes: ['loyalty:read'], defaultConnectionId: uds.id });
    const other = await gateway.ask({ path: `${FACADE}/company`, key: null, headers: { 'x-api-key': key } });
    expect(other).toMatchObject({ status: 403, body: { errorCode: 'forbidden' } });
    expect(other.headers['content-type']).toMatch('application/json');
  });

  it('says in Russian that it cannot tell what became of a sale under a key that has ended or never existed', async () => {
    const soon = new Date(Date.now() + 3_600_000);
    const key = await gateway.makeKey({
      scopes: ['compat'],
      defaultConnectionId: uds.id,
      expiresAt: soon,
    });
    const sell = (at: TestGateway, apiKey = key) =>
      at.ask({
        method: 'POST',
        path: `${FACADE}/purchase?code=123456&total=100&invoiceNumber=ended`,
        key: null,
        headers: { 'x-api-key': apiKey },
      });
    expect(await sell(gateway)).toMatchObject({ status: 200 });
    await world.core.database.direct.query('update api_keys set expires_at = $1 where expires_at = $2', [
      new Date(0),
      soon,
    ]);
    const late = await startGateway(world);
    onTestFinished(() => late.close());
    for (const wrong of [key, key.slice(0, -1)])
      expect(await sell(late, wrong)).toMatchObject({
        status: 401,
        body: { errorCode: 'unauthorized', message: expect.stringContaining('не может узнать, прошла ли') },
      });
  });

  it('can select another connection by Gateway-Connection', async () => {
    const lc = await world.connect('loyalclient');
    const answer = await till.get('company', { headers: { 'gateway-connection': lc.slug } });
    expect(answer).toMatchObject({ status: 200, body: { promoCode: null, name: null } });
    expect(await connectionById(world.core, world.core.database.direct, lc.id)).toBeDefined();
  });
});

describe('formats of old programs', () => {
  it.each(['%2B79990000001', '+79990000001', '79990000001', '7 (999) 000-00-01', '0079990000001'])(
    'a phone as %s',
    async phone => {
      expect(await till.get(`customer?phone=${phone}`)).toMatchObject({
        status: 200,
        body: { name: 'Анна' },
      });
    },
  );

  const json = '{"customerId":0,"code":"123456","total":11,"scores":"0.0","cash":11,"invoiceNumber":"1"}';
  it.each([
    ['JSON', json, 'application/json'],
    ['JSON with a byte order mark', `\uFEFF${json}`, 'application/json; charset=utf-8'],
    ['JSON that says it is a form', json, 'application/x-www-form-urlencoded'],
    ['JSON that says nothing', json, undefined],
    ['a form', 'code=123456&total=11&cash=11&scores=&phone=null', 'application/x-www-form-urlencoded'],
    ['a form that says it is JSON', 'code=123456&total=11', 'application/json'],
    [
      'a multipart form',
      '--x\r\nContent-Disposition: form-data; name="code"\r\n\r\n123456\r\n--x\r\nContent-Disposition: form-data; name="total"\r\n\r\n11\r\n--x--\r\n',
      'multipart/form-data; boundary=y',
    ],
    ['a customerId beside a code', json.replace(':0,', ':824634121067,'), 'text/plain'],
  ])('a purchase as %s', async (_, body, type) => {
    const headers: Record<string, string> = { ...(type && { 'content-type': type }) };
    expect(await till.post('purchase', { body, headers })).toMatchObject({
      status: 200,
      body: { operation: { total: 11 } },
    });
    expect(await sales()).toHaveLength(1);
  });

  it.each(['11', '11.0', '11,00', '0011', ' 11 '])('a sum as "%s"', async total => {
    const query = `code=123456&total=${encodeURIComponent(total)}&scores=00&invoiceNumber=9`;
    expect(await till.buy(query)).toMatchObject({
      status: 200,
      body: { operation: { total: 11, cash: 11 } },
    });
  });

  it('a purchase with a wrong type and no body at all', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '0' };
    expect((await till.buy('code=123456&total=11', { headers })).status).toBe(200);
  });
});

describe('refusals in v1 format', () => {
  it.each([
    ['another sum of cash', 'code=123456&total=100&cash=99&scores=0', 400, 'invalidChecksum'],
    ['more cash than the total', 'code=123456&total=100&cash=120&scores=0', 400, 'invalidChecksum'],
    ['more points than there are', 'code=000123&total=1000&scores=400', 400, 'insufficientFunds'],
    ['more points than the level allows', 'code=123456&total=100&scores=90', 400, 'discountLimitExceed'],
    ['points by phone', 'phone=79990000001&total=100&scores=10', 400, 'withdrawNotPermitted'],
    ['a blocked customer', 'code=555555&total=100', 400, 'participantIsBlocked'],
    ['an unknown code', 'code=999999&total=100', 404, 'notFound'],
    ['nobody', 'total=100&phone=null&uid=', 400, 'badRequest'],
    ['a customerId alone', 'customerId=824634121067&total=100', 400, 'badRequest'],
    ['no total', 'code=123456', 400, 'badRequest'],
    ['two totals', 'code=123456&total=100&total=10', 400, 'badRequest'],
    ['a negative sum', 'code=123456&total=-5', 400, 'badRequest'],
    ['a third decimal', 'code=123456&total=1.005', 400, 'badRequest'],
    ['a comma that may part thousands', 'code=123456&total=1,000', 400, 'badRequest'],
    ['a phone without its country', 'phone=9990000001&total=1', 400, 'badRequest'],
    ['one that would be of another country', 'phone=9123456789&total=1', 400, 'badRequest'],
    ['the same with brackets', 'phone=(912)%20345-67-89&total=1', 400, 'badRequest'],
    ['a phone with 8 for its country', 'phone=89123456789&total=1', 400, 'badRequest'],
    ['an endless invoice number', `code=123456&total=1&invoiceNumber=${'9'.repeat(65)}`, 400, 'badRequest'],
  ])('%s', async (_, query, status, errorCode) => {
    const answer = await till.buy(query);
    expect(answer).toMatchObject({ status, body: { errorCode } });
    expect(answer.body.message).toMatch(/[а-я]/);
    expect(await sales()).toEqual([]);
  });

  it.each(['GET', 'POST', 'PUT', 'DELETE'] as const)('an unknown v1 path or method: %s', async method => {
    const key = await gateway.makeKey({ scopes: ['compat'], defaultConnectionId: uds.id });
    const headers = { 'x-api-key': key };
    const host = { ...headers, host: 'udsgame.com' };
    const wrong = method === 'GET' ? 'purchase' : 'company';
    const asked = [
      { path: `${FACADE}/${wrong}`, headers },
      { path: `${FACADE}/goods/7`, headers },
      { path: '/compat/uds/v1/nothing', headers },
      { path: `/v1/partner/${wrong}`, headers: host },
    ];
    for (const ask of asked) {
      const told = await gateway.ask({ method, key: null, ...ask });
      expect(told).toMatchObject({ status: 404, body: { errorCode: 'notFound' } });
      expect(Object.keys(told.body)).toEqual(['errorCode', 'message']);
      expect(told.headers['content-type']).toMatch(/^application\/json/);
    }
    const stranger = await gateway.ask({ method, key: null, path: `${FACADE}/goods` });
    expect(stranger).toMatchObject({ status: 401, body: { errorCode: 'unauthorized' } });
    const elsewhere = await gateway.ask({ method, key: null, path: `/v1/partner/${wrong}`, headers });
    expect(elsewhere).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it.each([
    ['form', 'code=123456&total=100&total=10'],
    [
      'multipart form',
      `${['123456', '100', '10'].map((value, at) => `--x\r\nContent-Disposition: form-data; name="${at ? 'total' : 'code'}"\r\n\r\n${value}\r\n`).join('')}--x--\r\n`,
    ],
  ])('two totals in a %s', async (_, body) => {
    const told = await till.post('purchase', { body });
    expect(told).toMatchObject({ status: 400, body: { errors: [{ field: 'total' }] } });
  });

  it.each(['total=11&total=11', 'total=11&total=', 'total=null&total=11'])(
    'takes a parameter that is given twice with one value: %s',
    async total => {
      expect((await till.buy(`code=123456&${total}`)).status).toBe(200);
    },
  );

  it('names the parameter', async () => {
    const answer = await till.get('customer?code=null&customerId=42');
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: [{ errorCode: 'badRequest', field: 'customerId' }] },
    });
    const long = await till.buy(`code=123456&total=1&invoiceNumber=${'9'.repeat(65)}`);
    expect(long.body.errors).toMatchObject([{ field: 'invoiceNumber' }]);
  });

  it.each<Record<string, string>>([{}, { 'accept-language': '*' }])(
    'in Russian by default: %j',
    async headers => {
      const answer = await till.buy('code=999999&total=1', { headers });
      expect(answer.body.message).toMatch(/[а-я]/);
    },
  );

  it('in English on request', async () => {
    const answer = await till.buy('code=999999&total=1', { headers: { 'accept-language': 'en-US' } });
    expect(answer.body.message).toMatch(/^[\x20-\x7e’]+$/);
  });

  it.each(['999', '0', 'abc', '18446744073709551615'])('the revert of %s, an unknown purchase', async id => {
    expect(await till.post(`revert/${id}`)).toMatchObject({ status: 404, body: { errorCode: 'notFound' } });
  });

  it('a body that is neither JSON nor a form', async () => {
    const answer = await till.post('purchase', { body: '<xml/>', headers: { 'content-type': 'text/xml' } });
    expect(answer).toMatchObject({ status: 400, body: { errorCode: 'badRequest' } });
  });
});

it('a path that v1 does not have is refused in Russian, like everything else', async () => {
  const told = await till.get('promo-code');
  expect(told).toMatchObject({ status: 404, body: { errorCode: 'notFound' } });
  expect(told.body.message).toMatch(/[а-я]/);
});
