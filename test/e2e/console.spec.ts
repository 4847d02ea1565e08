import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { reconcile } from '#outbound';
import { NO_BROWSER, startBrowser } from '../support/browser.js';
import { startGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const HOSTILE = '<img src="x" onerror="document.title=1">';
const PHONE = { type: 'phone', value: '+79031234567' };
const total = { amount: '1000.00', currency: 'RUB' };

let world: World;
let gateway: TestGateway;
let url: string;
// The clock only moves forward.
let aheadMs = 0;
let keys = 0;
const connections: Record<string, string> = {};

beforeAll(async () => {
  world = await startWorld({ store: 'postgres', now: () => new Date(Date.now() + aheadMs) });
  const sandbox = { host: '127.0.0.1', port: world.sandbox.port };
  gateway = await startGateway(world, { sandbox, dataDir: '/no "where"' });
  url = await gateway.listen();
  for (const provider of ['uds', 'recca', 'loyalclient'])
    connections[provider] = (await world.connect(provider)).id;
});
afterAll(async () => {
  await gateway?.close();
  await world?.close();
});

/** A write of a merchant's backend that must be accepted; returns the body. */
const write = async (provider: string, path: string, body: unknown, prefer = 'wait=20'): Promise<any> => {
  const headers = {
    'gateway-connection': connections[provider]!,
    'idempotency-key': `console-story-no-${++keys}`,
    prefer,
  };
  const response = await gateway.ask({ method: 'POST', path, body, headers });
  expect(response.status, JSON.stringify(response.body)).toBeLessThan(300);
  return response.body;
};
const operation = async (id: string) => (await gateway.ask({ path: `/v1/operations/${id}` })).body;

/** A lead with a lost answer, in review; returns its operation. */
async function undecided(): Promise<string> {
  const ivan = await write('recca', '/v1/customers', { externalId: 'mysite:vk:12345' });
  const fault = {
    provider: 'recca',
    pathPattern: 'federation/v1/leads',
    fault: 'commit-then-reset',
    count: 1,
  };
  await world.control('faults', fault);
  const contact = { name: 'Пётр Канарейкин', phone: '+79031112233' };
  const { id } = await write(
    'recca',
    '/v1/referral/leads',
    { referrerCustomerId: ivan.id, contact },
    'wait=1',
  );
  await expect.poll(async () => (await operation(id)).state).toBe('unknown');
  aheadMs += 61_000;
  await reconcile(world.core, id);
  await reconcile(world.core, id);
  expect((await operation(id)).state).toBe('needs-review');
  return id;
}

describe('the console’s page', () => {
  it('is public, loads no external resources, and names only the demo key’s file', async () => {
    const { status, headers, body } = await gateway.ask({ path: '/console', key: null });
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(body).not.toMatch(/https?:|<script>|\son\w+=|style=|lgk_/);
    expect(body).toContain('data-demo-key="/no &#34;where&#34;/demo-key"');
    for (const [, name] of (body as string).matchAll(/(?:href|src)="([^"]+)"/g))
      expect((await gateway.ask({ path: `/${name}`, key: null })).status, name).toBe(200);
    expect((await gateway.ask({ path: '/console/console.controller.ts', key: null })).status).toBe(404);
  });

  it('is found with a trailing slash', async () => {
    const { status, headers } = await gateway.ask({ path: '/console/', key: null });
    expect({ status, location: headers.location }).toEqual({ status: 302, location: '../console' });
  });
});

describe('the console, in a browser', () => {
  let browser: Browser | undefined;
  let context: BrowserContext;
  let page: Page;
  let requests: string[];
  let faults: string[];

  beforeAll(async () => {
    browser = await startBrowser();
  }, 600_000);
  afterAll(() => browser?.close());
  beforeEach(({ skip }) => (browser ? begin() : skip(NO_BROWSER)));
  afterEach(async () => {
    await context?.close();
    expect(faults ?? []).toEqual([]);
  });

  async function begin(width = 1280): Promise<void> {
    [requests, faults] = [[], []];
    context = await browser!.newContext({ locale: 'en-GB', viewport: { width, height: 800 } });
    context.on('request', request => requests.push(request.url()));
    page = await context.newPage();
    page.on('pageerror', error => faults.push(error.message));
    await page.goto(`${url}/console`);
  }
  const signIn = async (key = gateway.key) => {
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Operations' }).waitFor();
  };
  const visit = async (place: string, shows: string) => {
    await page.goto(`${url}/console#/${place}`);
    await page.locator(shows).first().waitFor();
  };

  it('keeps a valid key in this tab only', async () => {
    await page.getByLabel('API key').fill(`lgk_${'x'.repeat(43)}`);
    await page.keyboard.press('Enter');
    await page.getByText('This key is not valid.').waitFor();
    expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('lgk_');
    await signIn();
    expect(await page.evaluate(`sessionStorage.getItem('key')`)).toBe(gateway.key);
    expect(await page.evaluate('JSON.stringify(localStorage) + document.cookie')).not.toContain('lgk_');
    expect([...requests, await page.content()].filter(text => text.includes(gateway.key))).toEqual([]);
    expect(new Set(requests.map(place => new URL(place).origin))).toEqual(new Set([url]));
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('lgk_');
  });

  it.each(['ключ', `lgk_${'x'.repeat(43)}\u200b`])('says that %j is no key', async text => {
    await page.getByLabel('API key').fill(text);
    await page.keyboard.press('Enter');
    await page.getByText('This key is not valid.').waitFor();
  });

  it('shows operations in review first, and filters', async () => {
    const id = await undecided();
    const sale = { identifier: PHONE, merchantReference: 'shown-1', receipt: { total } };
    expect(await write('uds', '/v1/purchases', sale)).toMatchObject({ state: 'succeeded' });
    await signIn();
    await page.getByText('shown-1').waitFor();
    const first = page.locator('tbody tr').first();
    expect(await first.textContent()).toContain('needs review');
    expect(await first.getByRole('link').getAttribute('href')).toBe(`#/operations/${id}`);
    await page.getByLabel('State').selectOption('succeeded');
    await first.filter({ hasText: 'succeeded' }).waitFor();
    const badges = await page.locator('tbody .badge').allTextContents();
    expect(new Set(badges)).toEqual(new Set(['succeeded']));
    expect(page.url()).toContain('state=succeeded');
  });

  it('finds a sale by its receipt’s number', async () => {
    for (const merchantReference of ['found-1', 'found-2'])
      await write('uds', '/v1/purchases', { identifier: PHONE, merchantReference, receipt: { total } });
    await signIn();
    await page.getByLabel('Reference').fill(' found-1 ');
    await page.keyboard.press('Enter');
    await page.getByText('found-2').waitFor({ state: 'detached' });
    expect(await page.locator('tbody tr').allTextContents()).toEqual([
      expect.stringContaining('found-1') as string,
    ]);
    expect(page.url()).toContain('merchantReference=found-1');
    expect(await page.getByLabel('Reference').inputValue()).toBe('found-1');
  });

  it('keeps what is being typed when the rows change', async () => {
    await signIn();
    await page.getByLabel('Reference').pressSequentially('half a num');
    await write('uds', '/v1/purchases', {
      identifier: PHONE,
      merchantReference: 'just-now',
      receipt: { total },
    });
    await page.getByText('just-now').waitFor();
    await page.keyboard.type('ber');
    expect(await page.getByLabel('Reference').inputValue()).toBe('half a number');
  });

  it('shows an operation’s history without personal data, and resolves it', async () => {
    const id = await undecided();
    await signIn();
    await visit(`operations/${id}`, '.timeline');
    const states = await page.locator('.timeline .badge').allTextContents();
    expect(states[0]).toBe('queued');
    expect(states.at(-1)).toBe('needs review');
    for (const call of await page.locator('summary').all()) await call.click();
    expect(await page.locator('details[open] pre').count()).toBeGreaterThan(0);
    expect(await page.content()).not.toMatch(/Канарейкин|9031112233|rtk_live/);
    // By keyboard only.
    await page.getByRole('button', { name: 'Settle by hand' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Settle' }).press('Enter');
    expect(await dialog.isVisible(), 'no outcome was chosen yet').toBe(true);
    await dialog.getByLabel('It was executed').press('Space');
    await dialog.getByLabel('How do you know?').fill('Seen in the cabinet.');
    await dialog.getByRole('button', { name: 'Settle' }).press('Enter');
    await page.locator('.standing .badge', { hasText: 'succeeded' }).waitFor();
    expect(await operation(id)).toMatchObject({ state: 'succeeded', outcome: 'executed' });
    const audit = await gateway.ask({ path: '/v1/audit-log' });
    expect(audit.body.data).toContainEqual(
      expect.objectContaining({ action: 'operation.resolved', note: 'Seen in the cabinet.' }),
    );
  });

  it('shows an operation’s history in Russian on request', async () => {
    const id = await undecided();
    await signIn();
    await page.getByRole('button', { name: 'Русский' }).click();
    await visit(`operations/${id}`, '.timeline');
    const story = page.locator('.timeline');
    await story.filter({ hasText: 'проверка 1' }).waitFor();
    expect(await story.textContent()).toMatch(/Исход: неизвестно/);
    expect(await story.textContent()).not.toMatch(/probe|verdict|outcome|attempt/);
  });

  it('does not say that a sale was sent which the gateway itself refused', async () => {
    const sale = { identifier: PHONE, merchantReference: 'unsent-1', receipt: { total, redeemPoints: '1' } };
    const headers = { 'gateway-connection': connections['uds']!, 'idempotency-key': 'console-story-unsent' };
    const refused = await gateway.ask({ method: 'POST', path: '/v1/purchases', body: sale, headers });
    expect(refused.body.code).toBe('redeem-requires-code');
    await signIn();
    await visit(`operations/${refused.body.operationId}`, '.timeline');
    expect(await page.locator('summary').count(), 'calls to the provider').toBe(0);
    expect(await page.locator('dl').first().textContent()).toContain('Attempts1');
  });

  it('does nothing when a person cancels', async () => {
    const id = await undecided();
    await signIn();
    await visit(`operations/${id}`, '.timeline');
    await page.getByRole('button', { name: 'Settle by hand' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect((await operation(id)).state).toBe('needs-review');
  });

  it('looks up a lost purchase', async () => {
    const fault = { provider: 'uds', method: 'POST', fault: 'commit-then-reset', count: 1 };
    await world.control('faults', fault);
    const sale = { identifier: PHONE, merchantReference: 'lost-1', receipt: { total } };
    const { id } = await write('uds', '/v1/purchases', sale, 'wait=1');
    await expect.poll(async () => (await operation(id)).state).toBe('unknown');
    await signIn();
    await visit(`operations/${id}`, '.timeline');
    await page.getByRole('button', { name: 'Look it up now' }).click();
    await page.locator('.standing .badge', { hasText: 'succeeded' }).waitFor();
  });

  it('shows whoever settles it the figures by which it is found at the provider', async () => {
    const fault = { provider: 'uds', method: 'POST', fault: 'commit-then-reset', count: 1 };
    await world.control('faults', fault);
    const receipt = { total: { amount: '1234.50', currency: 'RUB' }, redeemPoints: '30' };
    const sale = { identifier: { type: 'code', value: '123456' }, merchantReference: 'figures-1', receipt };
    const { id } = await write('uds', '/v1/purchases', sale, 'wait=1');
    await expect.poll(async () => (await operation(id)).state).toBe('unknown');
    expect(await operation(id)).toMatchObject({ figures: { amount: receipt.total, points: '30' } });
    await signIn();
    await visit(`operations/${id}`, '.timeline');
    expect(await page.locator('main dl').textContent()).toMatch(/AmountRUB\s1,234\.50Points30/);
    await page.getByRole('button', { name: 'Settle by hand' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.textContent()).toMatch(/Purchasefigures-1AmountRUB\s1,234\.50Points30Created/);
    // A late one may still be booked, and whoever settles it has to know.
    expect(await dialog.textContent()).toContain('Wait a minute after the last request');
  });

  it('shows a lane paused by its provider, and cancels its queued operations', async () => {
    await signIn();
    await visit('lanes', 'article');
    const lane = page.locator('article', { hasText: 'loyalclient' });
    expect(await lane.locator('.badge').textContent()).toBe('free');
    await world.control('faults', { provider: 'loyalclient', fault: '429-retry-after-3600', count: 1 });
    const sale = { identifier: PHONE, merchantReference: 'waits-1', receipt: { total } };
    const { id } = await write('loyalclient', '/v1/purchases', sale, 'wait=1');
    await lane.getByText('till: 1').waitFor();
    await lane.locator('.badge', { hasText: 'paused' }).waitFor();
    // The change came through the stream: the list was loaded once.
    expect(requests.filter(place => place.includes('/v1/lanes?'))).toHaveLength(1);
    expect(requests.filter(place => place.endsWith('/v1/lanes/stream'))).toHaveLength(1);
    await visit(`operations/${id}`, '.timeline');
    await page.getByRole('button', { name: 'Cancel the operation' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the operation' }).click();
    await page.locator('.standing .badge', { hasText: 'cancelled' }).waitFor();
    expect((await operation(id)).state).toBe('cancelled');
  });

  it('shows connections and events, with foreign text never as markup', async () => {
    const sale = { identifier: PHONE, merchantReference: 'listed-1', receipt: { total } };
    await write('uds', '/v1/purchases', sale);
    const body = { name: HOSTILE };
    const path = `/v1/connections/${connections['uds']}`;
    expect((await gateway.ask({ method: 'PATCH', path, body })).status).toBe(200);
    await signIn();
    await visit('connections', 'article');
    await page.getByRole('heading', { name: HOSTILE }).waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    await visit('events', 'tbody tr');
    await page.getByText('purchase.succeeded').first().waitFor();
    await page.locator('tbody a').first().click();
    await page.locator('.timeline').waitFor();
  });

  it('distinguishes connections with the same name', async () => {
    for (const provider of ['recca', 'loyalclient']) {
      const path = `/v1/connections/${connections[provider]}`;
      expect((await gateway.ask({ method: 'PATCH', path, body: { name: 'Coffee' } })).status).toBe(200);
    }
    await signIn();
    const options = await page.getByLabel('Connection').locator('option').allTextContents();
    const named = options.filter(text => text.startsWith('Coffee')).sort();
    expect(named).toEqual([
      expect.stringMatching(/^Coffee \(loyalclient, loyalclient-/),
      expect.stringMatching(/^Coffee \(recca, recca-/),
    ]);
    expect(options.filter(text => text.includes('('))).toHaveLength(2);
  });

  it('says that a key lacks a scope', async () => {
    await signIn(await gateway.makeKey({ scopes: ['operations:read'] }));
    await visit('events', '.problem');
    expect(await page.locator('.problem').textContent()).toMatch(/needs the scope/);
    await page.getByRole('button', { name: 'Русский' }).click();
    await page.locator('.problem', { hasText: 'ключу нужно право' }).waitFor();
  });

  it('says in one language that there is no such operation', async () => {
    await signIn();
    await page.getByRole('button', { name: 'Русский' }).click();
    await visit('operations/opr_01h455vb4pex5vsknk084sn02q', '.problem');
    expect(await page.locator('.problem').textContent()).toBe('Операции opr_01h455vb4pex5vsknk084sn02q нет.');
  });

  it('shows a problem in Russian on request', async () => {
    const id = await undecided();
    const decision = { outcome: 'not-executed', note: 'Нет в кабинете.' };
    const headers = { 'idempotency-key': `console-story-no-${++keys}` };
    const path = `/v1/operations/${id}/resolve`;
    expect((await gateway.ask({ method: 'POST', path, body: decision, headers })).status).toBe(200);
    await signIn();
    await page.getByRole('button', { name: 'Русский' }).click();
    await visit(`operations/${id}`, '.problem');
    const box = page.locator('.problem');
    await box.filter({ hasText: 'По решению человека не исполнена: Нет в кабинете.' }).waitFor();
    expect(await box.locator('strong').textContent()).toMatch(/[а-я]/);
  });

  it('fits a phone, and is Russian on request', async () => {
    await context.close();
    await begin(360);
    await signIn();
    await page.getByRole('button', { name: 'Русский' }).click();
    for (const [place, title, shows] of [
      ['operations', 'Операции', 'tbody tr'],
      ['connections', 'Подключения', 'article'],
      ['lanes', 'Очереди', 'article'],
      ['events', 'События', 'tbody tr'],
    ] as const) {
      await page.getByRole('link', { name: title, exact: true }).first().click();
      await page.getByRole('heading', { name: title, level: 1 }).waitFor();
      await page.locator(shows).first().waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth'), place).toBe(360);
      expect(await page.evaluate('nav.scrollWidth - nav.clientWidth'), `tabs on ${place}`).toBe(0);
    }
    expect(await page.locator('html').getAttribute('lang')).toBe('ru');
  });

  it.each([720, 1024])('shows whole tables on a screen of %i pixels', async width => {
    await context.close();
    await begin(width);
    await signIn();
    for (const place of ['operations', 'events']) {
      await visit(place, 'tbody tr');
      expect(await page.evaluate('document.documentElement.scrollWidth'), place).toBe(width);
    }
  });
});
