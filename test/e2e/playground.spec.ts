import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NO_BROWSER, startBrowser } from '../support/browser.js';
import { startGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const PHONE = { width: 390, height: 844 };

describe('the playground, on a phone', () => {
  let world: World;
  let gateway: TestGateway;
  let browser: Browser | undefined;
  let page: Page;
  let url: string;

  beforeAll(async () => {
    browser = await startBrowser();
    world = await startWorld({ store: 'postgres' });
    gateway = await startGateway(world);
    url = await gateway.listen();
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    await gateway?.close();
    await world?.close();
  });
  beforeEach(async ({ skip }) => {
    if (!browser) return skip(NO_BROWSER);
    page = await browser.newPage({ viewport: PHONE });
    await page.goto(`${url}/docs`);
  });

  it.each([
    ['Purchases', 'post', '/v1/purchases'],
    ['Referral', 'get', '/v1/statistics'],
    ['Operations', 'get', '/v1/operations/{id}'],
  ])('fits the screen with a call of %s open', async (tag, method, path) => {
    await page.locator(`[id="operations-tag-${tag}"]`).click();
    const call = page.locator(`.opblock-${method}`, { has: page.locator(`[data-path="${path}"]`) });
    await call.locator('.opblock-summary').click();
    await call.locator('.opblock-body .responses-wrapper').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
    await page.close();
  });

  it('fits the screen with an answer shown', async () => {
    await page.locator('[id="operations-tag-Purchases"]').click();
    const call = page.locator('.opblock-post', { has: page.locator('[data-path="/v1/purchases"]') });
    await call.locator('.opblock-summary').click();
    await call.getByRole('button', { name: 'Execute' }).click();
    await call.locator('.live-responses-table').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
    await page.close();
  });
});
