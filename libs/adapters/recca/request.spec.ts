import { describe, expect, it } from 'vitest';
import { Trouble, Unreadable, interpret, readWire } from '#adapter-kit';
import type { Exchange, WireRequest } from '#adapter-kit';
import { readBody } from '#canonical';
import { checkOrigin, readCustomer } from './cabinet.js';
import { registerConversion } from './conversions.js';
import { addLead } from './create-lead.js';
import { upsertUser } from './customers.js';
import { createLink } from './links.js';
import { recca } from './recca.adapter.js';
import { ReccaSettings } from './settings.js';
import { reccaSimulator } from './simulator.js';

const { demo } = reccaSimulator;
const context = { settings: demo.settings, now: new Date('2026-01-15T12:00:00.000Z') };
const ivan = { tenantReccaId: 'ub_GB_xyz', reccaUserId: 'usr_01HXVB0001' };
const refused = (code: string) => expect.objectContaining({ code });

describe('Recca: the authentication of each call', () => {
  const proof = (request: Partial<WireRequest>) =>
    recca.authenticate(demo.credentials as never, demo.settings as never, {
      method: 'GET',
      path: '',
      ...request,
    });

  it('is the origin for the embed API and the key for the federation API, never both', () => {
    const embed = { headers: { Origin: 'https://partner-site.example.com' }, query: { tenant: 'agp' } };
    expect(proof({ scheme: 'embed' })).toEqual(embed);
    expect(proof({ scheme: 'user' })).toEqual(embed);
    expect(proof({ scheme: 'federation' })).toEqual({ headers: { 'X-Recca-Tenant-Key': 'rtk_live_demo' } });
  });

  it.each([
    ['https://Магазин.рф', 'https://xn--80aairftm.xn--p1ai'],
    ['https://Shop.Example.com:443', 'https://shop.example.com'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['https://shop.example.com/', 'https://shop.example.com'],
  ])('writes the origin %s as a browser does', (given, written) => {
    const { origin } = readBody(ReccaSettings, { tenant: 'agp', origin: given });
    const request: WireRequest = { method: 'GET', path: '', scheme: 'embed' };
    const proof = recca.authenticate(demo.credentials as never, { tenant: 'agp', origin } as never, request);
    expect(proof.headers).toEqual({ Origin: written });
  });

  it.each(['https://shop.example.com/partners', 'shop.example.com'])(
    'cannot be by %s, and the refusal says what is expected',
    origin => {
      expect(() => readBody(ReccaSettings, { tenant: 'agp', origin })).toThrow(
        'a scheme and a host without a path, like https://partner-site.example.com',
      );
    },
  );

  it('is determined by every request that the adapter builds', () => {
    const link = createLink.request(
      { refs: ivan, userToken: 't', target: { type: 'offer', id: 'x' } },
      context,
    );
    expect(link).toMatchObject({ scheme: 'user', bearer: 't' });
    expect(JSON.stringify(link.json)).not.toContain('"t"');
    expect(() => createLink.request({ refs: ivan, target: { type: 'offer', id: 'x' } }, context)).toThrow(
      refused('end-user-token-invalid'),
    );
  });
});

describe('Recca: the reason of a refusal', () => {
  const reasonIn = (json: unknown) =>
    recca.refusal(readWire(422, {}, Buffer.from(JSON.stringify(json))), createLink)?.message;

  it.each([
    [{ message: 'bad phone', error: 'invalid' }, 'bad phone'],
    [{ error: { code: 7, message: 'bad phone' } }, 'bad phone'],
    [
      { errors: [{ field: 'contact.phone', message: 'bad phone' }, { message: 'bad name' }] },
      'bad phone bad name',
    ],
    [{ detail: [{ loc: ['body', 'contact'], msg: 'bad phone', type: 'value_error' }] }, 'bad phone'],
    [[{ message: 'anna@example.com is taken' }], '… is taken'],
    [{ contact: { name: 'Анна' } }, undefined],
  ])('of %j is read', (json, message) => expect(reasonIn(json)).toBe(message));

  const inside = (json: unknown) =>
    recca.refusal(readWire(200, {}, Buffer.from(JSON.stringify(json))), addLead)?.code;

  it.each([
    [{ error: 'lead_rejected' }, 'refused'],
    [{ error: { code: 'lead_rejected', message: 'no' }, data: null }, 'refused'],
    [{ error: true, message: 'no' }, 'refused'],
    [{ success: false, message: 'no' }, 'refused'],
    [{ ok: false }, 'refused'],
    [{ status: 'error', message: 'no' }, 'refused'],
    [{ errors: [{ field: 'contact', message: 'bad' }] }, 'refused'],
    [{ statusCode: 422, message: ['bad phone'], error: 'Unprocessable Entity' }, 'http-422'],
    [{ status: 401, error: 'Unauthorized' }, 'unauthorized'],
    [{ code: 1042, error: 'blocked' }, 'refused'],
    [{ success: false, code: 7 }, 'refused'],
    [{ error: 'maintenance' }, 'refused'],
  ])('is also found in a 200: %j', (json, code) => expect(inside(json)).toBe(code));

  it.each([
    { lead_id: 'lead_1', status: 'new', error: null, errors: [] },
    { short_url: 'https://app.recca.ru/d/451', code: '451' },
    { error: false, message: 'OK' },
    { error: 0, message: 'OK' },
    { message: 'Forbidden' },
    {},
    [],
  ])('is not guessed from %j', json => expect(inside(json)).toBeUndefined());

  it.each([{ statusCode: 500, error: 'Internal Server Error' }, { error: 'Request timed out' }])(
    'is a failure of Recca, as a 5xx is: %j',
    json => expect(() => inside(json)).toThrow(Trouble),
  );
});

describe('Recca: the codes of the federation API', () => {
  const meant = (status: number, json: unknown) =>
    interpret(
      recca,
      registerConversion as Exchange,
      readWire(status, {}, Buffer.from(JSON.stringify(json))),
      {},
      context,
    );
  const said = (code: string) => ({ success: false, error: { code, message: 'no' }, meta: {} });

  it.each([
    [401, said('MISSING_TENANT_SCOPE'), 'connection-credentials-invalid'],
    [403, said('INSUFFICIENT_SCOPE'), 'provider-rejected'],
    [403, { error: 'forbidden' }, 'provider-rejected'],
    [403, said('FEATURE_NOT_AVAILABLE'), 'connection-account-inactive'],
    [403, said('PRODUCT_PAUSED'), 'connection-account-inactive'],
    [200, said('PRODUCT_PAUSED'), 'connection-account-inactive'],
    [409, said('WINDOW_EXPIRED'), 'state-conflict'],
    [409, said('ALREADY_CONVERTED'), 'state-conflict'],
    [409, said('PARTNER_NOT_ACTIVE'), 'state-conflict'],
    [409, said('IDEMPOTENT_MISMATCH'), 'state-conflict'],
    [400, said('INVALID_INPUT'), 'validation-failed'],
    [404, said('CONVERSION_NOT_FOUND'), 'not-found'],
  ])('%d %j', (status, json, code) => {
    expect(meant(status, json)).toMatchObject({ kind: 'refused', refusal: { code } });
  });

  it.each([
    ['WINDOW_EXPIRED', /a repeat does not help/],
    ['PARTNER_NOT_ACTIVE', /Have them activated/],
  ])('say what to do: %s', (code, detail) => {
    for (const status of [200, 409])
      expect(meant(status, said(code))).toMatchObject({ refusal: { detail: expect.stringMatching(detail) } });
  });

  it('do not speak of the gateway’s address where Recca does not know the lead', () => {
    expect(meant(404, said('LEAD_NOT_FOUND'))).toMatchObject({
      refusal: { code: 'not-found', detail: expect.stringMatching(/^Recca does not know .* the lead/) },
    });
  });

  it('leave the outcome unknown where the error is an internal one', () => {
    expect(meant(200, said('INTERNAL_ERROR')).kind).toBe('unanswered');
  });
});

describe('Recca: a read of the embed API', () => {
  it.each([401, 403])('that is refused with %i says nothing about the key, which it did not get', status => {
    const answer = readWire(status, {}, Buffer.from('{"error":"unauthorized"}'));
    for (const exchange of [readCustomer, checkOrigin] as Exchange[])
      expect(interpret(recca, exchange, answer, {}, context)).toMatchObject({
        kind: 'refused',
        refusal: { code: 'connection-origin-rejected' },
      });
  });
});

describe('Recca: a read that it cannot answer now', () => {
  it.each([
    { error: 'maintenance' },
    { error: { code: 'MAINTENANCE', message: 'Технические работы' } },
    { success: false, message: 'Идут технические работы' },
    { status: 503, error: 'no' },
  ])('is no refusal of what the caller asked: %j', json => {
    const answer = readWire(200, {}, Buffer.from(JSON.stringify(json)));
    expect(interpret(recca, readCustomer as Exchange, answer, { refs: ivan }, context)).toMatchObject({
      kind: 'unanswered',
      unreadable: false,
    });
  });
});

describe('Recca: a 403 to a link', () => {
  const meant = (headers: Record<string, string>) =>
    interpret(
      recca,
      createLink as Exchange,
      readWire(403, headers, Buffer.from('{"error":"forbidden"}')),
      {},
      context,
    );
  const header = 'access-control-allow-origin';

  it('is about the consent where it repeats the origin, and names both reasons where it does not', () => {
    const consent = { kind: 'refused', refusal: { code: 'end-user-token-invalid' } };
    expect(meant({ [header]: demo.settings['origin'] as string })).toMatchObject(consent);
    expect(meant({ [header]: '' })).toMatchObject({ refusal: { code: 'connection-origin-rejected' } });
    expect(meant({})).toMatchObject({ refusal: { detail: expect.stringMatching(/origin.* or .*consent/) } });
  });
});

describe('Recca: an answer of another tenant', () => {
  const tenant = (slug: unknown) => ({ tenant: { slug, display_name: 'Other' } });
  const user = { id_surrogate: 'ub_GB_xyz', display_name: 'Анна' };

  it.each([
    [readCustomer, { user }, { refs: ivan }],
    [addLead, { lead_id: 'lead_1', status: 'new' }, { contact: { name: 'Анна' } }],
  ])('is not taken for ours: $0.name', (exchange, body, ask) => {
    const read = (slug: unknown) => {
      const answer = readWire(200, {}, Buffer.from(JSON.stringify({ ...body, ...tenant(slug) })));
      return interpret(recca, exchange as Exchange, answer, ask, context).kind;
    };
    expect(read('other')).toBe('unanswered');
    for (const slug of ['agp', 'AGP', undefined, null]) expect(read(slug)).toBe('done');
  });
});

describe('Recca: a refusal that contains the id of what it refuses', () => {
  const meant = (exchange: Exchange, status: number, json: unknown) => () =>
    recca.refusal(readWire(status, {}, Buffer.from(JSON.stringify(json))), exchange);
  const sold = { conversion_id: 'cnv_1', cascaded_bonuses: [] };

  it.each([
    [addLead, 200, { success: false, lead_id: 'lead_1' }],
    [addLead, 200, { success: false, data: { lead_id: 'lead_1' } }],
    [registerConversion, 200, { ok: 0, ...sold }],
    [registerConversion, 200, { ...sold, error: 'blocked' }],
    [registerConversion, 200, { ...sold, error: { code: 'DUPLICATE' } }],
    [registerConversion, 200, { ...sold, errors: ['blocked'] }],
    [registerConversion, 200, { ...sold, errors: ['email not delivered', 'lead blocked'] }],
    [registerConversion, 200, { ...sold, error: 'email not delivered, lead blocked' }],
    [registerConversion, 200, { ...sold, error: 'Lead blocked, email was not delivered' }],
    [registerConversion, 200, { ...sold, error: 'Could not be delivered' }],
    [registerConversion, 200, { ...sold, error: 'email error' }],
    [registerConversion, 200, { ...sold, error: 'No lead' }],
    [registerConversion, 200, { ...sold, error: 'The state of the lead: none' }],
    [registerConversion, 200, { ...sold, error: { code: 0, message: 'blocked' } }],
    [registerConversion, 200, { ...sold, success: false, errors: ['email not delivered'] }],
    [registerConversion, 200, { ...sold, status: 'error', error: 'mail was not sent' }],
    [registerConversion, 200, { ...sold, code: 'PRODUCT_PAUSED', error: 'mail was not sent' }],
    [
      registerConversion,
      200,
      { ...sold, errors: [{ code: 'PRODUCT_PAUSED', message: 'mail was not sent' }] },
    ],
    [registerConversion, 200, { ...sold, code: 'ALREADY_CONVERTED' }],
    [registerConversion, 200, { ...sold, status: 'failed' }],
    [registerConversion, 200, { data: { ...sold, error: 'blocked' } }],
    [addLead, 200, { lead_id: 'lead_1', error: 'spam' }],
    [upsertUser, 200, { success: false, tenant_recca_id: 'ub_1', recca_user_id: 'usr_1' }],
    [registerConversion, 422, sold],
    [registerConversion, 400, { error: 'mail was not sent', result: sold }],
  ])('proves nothing: %#', (exchange, status, json) => {
    expect(meant(exchange as Exchange, status, json)).toThrow(Unreadable);
  });

  it.each([
    { error: { code: '', message: '' } },
    { error: { code: 0, message: null } },
    { error: { message: 'OK' } },
    { error: 'none' },
    { errors: ['None', 'no'] },
    { errors: ['email not delivered'] },
    { errors: [{ code: 7, message: 'SMS was not delivered to the customer' }] },
    { error: 'mail was not sent' },
    { error: 'Failed to send the notification.' },
    { error: 'Не удалось отправить письмо' },
    { error: 'Письмо не отправлено' },
    { error: 'Не удалось отправить SMS на номер +7 999 123-45-67' },
    { error: 'Ошибка отправки уведомления' },
    { error: 'Unable to send email' },
    { error: 'Webhook delivery failed' },
  ])('is a success if it denies nothing: %j', told => {
    expect(meant(registerConversion as Exchange, 200, { ...sold, ...told })()).toBeUndefined();
    expect(meant(addLead as Exchange, 200, { ...told, data: { lead_id: 'lead_1' } })()).toBeUndefined();
  });

  it.each([
    [registerConversion, 422, { lead_id: 'lead_1', message: 'Unknown lead' }],
    [registerConversion, 422, { conversion_id: ['is not unique'] }],
    [registerConversion, 409, { ...sold, error: 'exists' }],
    [addLead, 422, { lead_id: null }],
    [upsertUser, 422, { recca_user_id: 'usr_1', message: 'The address is that of another person' }],
  ])('is a refusal if that id is no new one: %#', (exchange, status, json) => {
    expect(meant(exchange as Exchange, status, json)()).toMatchObject({ code: `http-${status}` });
  });
});

describe('Recca: the answer to a sale', () => {
  const ask = {
    leadRef: 'lead_1',
    amount: { amount: '10.00', currency: 'RUB' },
    merchantReference: 'order-1',
  };
  const told = (body: object) => {
    const json = { conversion_id: 'cnv_1', ...body };
    return interpret(
      recca,
      registerConversion,
      readWire(200, {}, Buffer.from(JSON.stringify(json))),
      ask,
      context,
    );
  };

  it.each([
    [{}, { status: 'approved' }],
    [{ status: 'registered' }, { status: 'approved', providerStatus: 'registered' }],
    [{ status: 'Pending' }, { status: 'pending', providerStatus: 'Pending' }],
    [{ currency: 'RUR' }, { status: 'approved' }],
    [
      { cascaded_bonuses: [{ user_id: 'usr_1', amount_kopecks: 100, currency: 'rur', tier: 1 }] },
      { bonuses: [{ customerRef: 'usr_1', amount: { amount: '1.00', currency: 'RUB' }, tier: 1 }] },
    ],
    [{ amount_kopecks: '1000', currency: 'rub', error: null, errors: [] }, { status: 'approved' }],
    // An incomplete cascade would look like a smaller one.
    [{}, { bonuses: undefined }],
    [{ cascaded_bonuses: [{ amount_kopecks: 100, tier: 1 }] }, { bonuses: undefined }],
    [{ cascaded_bonuses: [{ user_id: 'usr_1', tier: 1 }] }, { bonuses: undefined }],
    [{ cascaded_bonuses: [{ user_id: 'usr_1', amount_kopecks: 100 }] }, { bonuses: undefined }],
  ])('has a state: %j', (body, result) => {
    expect(told(body)).toMatchObject({ kind: 'done', result });
  });

  it.each([
    { status: 'rejected' },
    { status: 'declined' },
    { amount_kopecks: 77 },
    { currency: 'USD' },
    { external_order_id: 'order-2' },
    { lead_id: 'lead_2' },
  ])('proves nothing where it is not that of this sale, or denies it: %j', body => {
    expect(told(body)).toMatchObject({ kind: 'unanswered' });
  });
});

describe('Recca: the consent popup', () => {
  it('is opened with the tenant, a state and popup=1, and accepts one origin only', () => {
    const settings = demo.settings as never;
    const url = new URL(
      recca.consent!.authorizeUrl({ baseUrl: 'https://app.recca.ru/', settings, state: 'a+b/c' }),
    );
    expect(url.origin + url.pathname).toBe('https://app.recca.ru/oauth/authorize');
    const query = {
      client_id: 'agp',
      response_type: 'code',
      scope: 'profile:read',
      state: 'a+b/c',
      popup: '1',
    };
    expect(Object.fromEntries(url.searchParams)).toEqual(query);
    expect(recca.consent!.origin('http://127.0.0.1:3001/recca')).toBe('http://127.0.0.1:3001');
  });
});
