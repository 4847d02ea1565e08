import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConsentSession, Customer } from '#canonical';
import { NO_BROWSER, startBrowser } from '../support/browser.js';
import { startGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { startServer } from '../support/server.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';

const STATE = /[0-9a-f]{32}$/;
const MINUTE = 60_000;

let stack: Stack;
let world: World;
let gateway: TestGateway;
let url: string;
let recca: string;
let ivan: Customer;
let keys = 0;
let aheadMs = 0;

beforeAll(async () => {
  stack = await startStack({
    store: 'postgres',
    sandbox: { only: ['recca'] },
    now: () => new Date(Date.now() + aheadMs),
  });
  ({ world, gateway } = stack);
  url = await gateway.listen();
  recca = (await world.connect('recca')).id;
  ivan = await write('/v1/customers', { externalId: 'mysite:vk:12345' });
});
afterAll(() => stack.close());
afterEach(() => {
  aheadMs = 0;
});

/** A write of a merchant's backend that must succeed. */
async function write<T>(path: string, body: unknown): Promise<T> {
  const headers = { 'gateway-connection': recca, 'idempotency-key': `consent-browser-${++keys}` };
  const told = await gateway.ask({ method: 'POST', path, body, headers });
  expect(told, JSON.stringify(told.body)).toMatchObject({ status: 201 });
  return told.body as T;
}
const session = () => write<ConsentSession>('/v1/consent-sessions', { customerId: ivan.id });
const statusOf = async ({ id }: ConsentSession): Promise<string> =>
  (await gateway.ask({ path: `/v1/consent-sessions/${id}` })).body.status;

describe('the routes of the consent page', () => {
  it('serve a page without external resources, inline scripts or framing', async () => {
    const { status, headers, body } = await gateway.ask({ path: '/consent/csn_x', key: null });
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toMatch(
      /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
    );
    expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
    expect(body).not.toMatch(/<script>|https?:|\son\w+=|style=/);
    expect((await gateway.ask({ path: '/consent/files/..%2fconsent-page.controller.ts' })).status).toBe(404);
  });

  it('refuse requests without a link, and from other sites', async () => {
    const { id, state, pageUrl } = await session();
    expect(pageUrl).toBe(`/consent/${id}#${state}`);
    const ask = (of: string, headers: Record<string, string>) =>
      gateway.ask({ method: 'POST', path: `/consent/${id}/offer`, key: null, body: { state: of }, headers });
    const own = { 'sec-fetch-site': 'same-origin' };
    expect((await ask('0'.repeat(32), own)).status).toBe(404);
    for (const foreign of [
      {},
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: 'http://localhost' },
      { origin: 'https://elsewhere.example' },
      { origin: 'null' },
    ] as Record<string, string>[]) {
      expect((await ask(state, foreign)).status, JSON.stringify(foreign)).toBe(404);
    }
    expect((await ask(state, { origin: 'http://gateway.example', host: 'gateway.example' })).status).toBe(
      200,
    );
    expect(await ask(state, own)).toMatchObject({
      status: 200,
      body: { status: 'open', provider: 'Recca', origin: new URL(world.sandbox.url).origin },
    });
  });

  it('are rate limited', async () => {
    const another = await startGateway(world);
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const headers = { 'sec-fetch-site': 'same-origin' };
        const path = '/consent/csn_x/offer';
        return (await another.ask({ method: 'POST', path, key: null, body: { state: 'x' }, headers })).status;
      }),
    );
    expect(new Set(statuses)).toEqual(new Set([404, 429]));
    await another.close();
  });
});

describe('the consent page, in a browser', () => {
  let browser: Browser | undefined;
  let context: BrowserContext;
  let page: Page;
  let asked: string[];

  beforeAll(async () => {
    browser = await startBrowser();
  }, 600_000);
  afterAll(() => browser?.close());
  beforeEach(({ skip }) => (browser ? begin('en-GB') : skip(NO_BROWSER)));
  afterEach(() => context?.close());

  async function begin(locale: string): Promise<void> {
    asked = [];
    context = await browser!.newContext({ locale });
    context.on('request', request => asked.push(request.url()));
    page = await context.newPage();
  }

  const scene = (name: string) => page.locator(`body[data-scene="${name}"]`).waitFor();
  const visit = async ({ pageUrl }: ConsentSession, shows = 'open') => {
    await page.goto(url + pageUrl);
    await scene(shows);
  };
  /** Clicks the page's button; returns the opened window. */
  const popup = async (): Promise<Page> => {
    const [opened] = await Promise.all([page.waitForEvent('popup'), page.locator('#action').click()]);
    await scene('waiting');
    await opened.waitForLoadState();
    return opened;
  };
  const allow = async (opened: Page, who = 'ub_GB_xyz') => {
    await opened.locator('#user').selectOption(who);
    // The window closes itself, sometimes before the click is confirmed.
    await opened
      .locator('#allow')
      .click()
      .catch((error: unknown) => {
        if (!opened.isClosed()) throw error;
      });
  };
  /** Posts from a window to its opener, and waits for the message. */
  const forge = async (from: Page, message: object) => {
    await page.evaluate(`void (globalThis.arrived = new Promise(done => addEventListener('message', done)))`);
    await from.evaluate(`opener.postMessage(${JSON.stringify(message)}, '*')`);
    await page.evaluate(`arrived.then(() => undefined)`);
  };
  const messageOf = async (opened: Page, more: object = {}) => {
    const messages = JSON.parse((await opened.locator('#messages').textContent())!) as { user_id: string }[];
    return { ...messages.find(({ user_id }) => user_id === 'ub_GB_xyz')!, ...more };
  };

  it('delivers the token, so that a referral link can be made', async () => {
    const asking = await session();
    await visit(asking);
    const opened = await popup();
    const { token } = (await messageOf(opened)) as unknown as { token: string };
    await allow(opened);
    await scene('done');
    expect(await page.getByRole('heading').textContent()).toBe('Thank you, you are all set');
    expect(await statusOf(asking)).toBe('completed');
    const target = { type: 'offer', id: 'off_42' };
    expect(await write('/v1/referral/links', { customerId: ivan.id, target })).toMatchObject({
      shortUrl: expect.stringMatching(/^https:/),
    });
    const places = [...asked, page.url(), await page.content()];
    expect(places.filter(place => place.includes(token))).toEqual([]);
    expect(await page.evaluate('JSON.stringify([localStorage, sessionStorage])')).not.toContain(token);
    const origins = new Set(asked.map(place => new URL(place).origin));
    expect(origins).toEqual(new Set([url, new URL(world.sandbox.url).origin]));
  });

  it('accepts an expiry time written as a string', async () => {
    const asking = await session();
    await visit(asking);
    const opened = await popup();
    const told = (await messageOf(opened)) as { expires_at?: number };
    await forge(opened, { ...told, expires_at: String(told.expires_at) });
    await scene('done');
    expect(await statusOf(asking)).toBe('completed');
  });

  it('ignores messages of another origin', async () => {
    const asking = await session();
    await visit(asking);
    const opened = await popup();
    const truth = await messageOf(opened);
    const elsewhere = await startServer((_, response) => {
      response.setHeader('content-type', 'text/html').end('<title>elsewhere</title>');
    });
    const [foreign] = await Promise.all([
      page.waitForEvent('popup'),
      page.evaluate(`void open('${elsewhere.url}', 'elsewhere')`),
    ]);
    await foreign.waitForLoadState();
    await forge(foreign, truth);
    await elsewhere.close();
    await scene('waiting');
    expect(await statusOf(asking)).toBe('pending');
    // The same message from the provider's window is accepted: only the origin was wrong.
    await allow(opened);
    await scene('done');
  });

  it.each([
    ['state', { state: '0'.repeat(32) }],
    ['type', { type: 'recca:auth-error' }],
  ])('ignores messages of another %s', async (_, lie) => {
    const asking = await session();
    await visit(asking);
    const opened = await popup();
    await forge(opened, await messageOf(opened, lie));
    await scene('waiting');
    expect(await statusOf(asking)).toBe('pending');
    await allow(opened);
    await scene('done');
  });

  it('refuses a replayed state once answered', async () => {
    const asking = await session();
    await visit(asking);
    const opened = await popup();
    const truth = (await messageOf(opened)) as unknown as Record<string, unknown>;
    await allow(opened);
    await scene('done');
    const { token, user_id: userId, expires_at: expiresAt, state } = truth;
    const status = await page.evaluate(
      async ([path, body]) => {
        const headers = { 'content-type': 'application/json' };
        return (await fetch(path!, { method: 'POST', headers, body: body! })).status;
      },
      [asking.pageUrl, JSON.stringify({ token, userId, expiresAt, state })],
    );
    expect(status).toBe(409);
    await page.reload();
    await scene('completed');
  });

  it('says so when somebody else has answered', async () => {
    const asking = await session();
    await visit(asking);
    await allow(await popup(), 'ub_GB_anna');
    await scene('stranger');
    expect(await statusOf(asking)).toBe('pending');
    await page.reload();
    await scene('over');
  });

  it('can open the window again after it was closed', async () => {
    const asking = await session();
    await visit(asking);
    await (await popup()).close();
    await scene('closed');
    // Not whether anything was allowed: what happened in the window cannot be seen from here.
    const text = await page.locator('#text').textContent();
    expect(text).toBe('We received no answer from Recca, so no consent was saved.');
    await allow(await popup());
    await scene('done');
  });

  it('keeps the answer for a retry while the gateway is unreachable', async () => {
    const asking = await session();
    await visit(asking);
    const opened = await popup();
    await context.route(`**/consent/${asking.id}`, route => route.abort());
    await allow(opened);
    await scene('failed');
    await context.unroute(`**/consent/${asking.id}`);
    await page.getByRole('button', { name: 'Try again' }).click();
    await scene('done');
    expect(await statusOf(asking)).toBe('completed');
  });

  it('says on a retry that the answer was saved, if only the gateway’s word of it was lost', async () => {
    const asking = await session();
    await visit(asking);
    const opened = await popup();
    await context.route(`**/consent/${asking.id}`, async route => {
      await route.fetch();
      await route.abort();
    });
    await allow(opened);
    await scene('failed');
    await context.unroute(`**/consent/${asking.id}`);
    await page.getByRole('button', { name: 'Try again' }).click();
    await scene('completed');
    expect(await statusOf(asking)).toBe('completed');
  });

  it('says in the person’s language, and in the other one, that a link has expired', async () => {
    const asking = await session();
    aheadMs = 11 * MINUTE;
    await context.close();
    await begin('ru-RU');
    await visit(asking, 'over');
    expect(await page.getByRole('heading').textContent()).toBe('Ссылка больше не действует');
    expect(await page.locator('html').getAttribute('lang')).toBe('ru');
    await page.getByRole('button', { name: 'English' }).click();
    expect(await page.getByRole('heading').textContent()).toBe('This link is no longer valid');
    await visit({ ...asking, pageUrl: asking.pageUrl.replace(STATE, 'cut-off') }, 'unknown');
  });
});
