import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Vault } from '#persistence';
import type { Core } from '../core.js';
import { Cursors } from './cursors.js';
import { ProviderLists } from './provider-lists.js';
import type { ListPlace } from './provider-lists.js';

const shop = {
  id: 'con_1',
  lane: { fingerprint: 'uds-1' },
  baseUrl: 'https://a.example',
  settings: { currency: 'RUB' },
};

const place = {
  caller: { tenantId: 'ten_1' },
  connection: shop,
  list: 'leads',
  waitMs: 0,
} as unknown as ListPlace;

const lists = () => new ProviderLists(new Cursors({ vault: new Vault(randomBytes(32)) } as unknown as Core));

/** A provider with 7 rows and its own page size, whatever the limit. */
const pagesOf = (own: number) => {
  const rows = Array.from({ length: 7 }, (_, index) => index);
  return async ({ cursor = '0' }: { limit: number; cursor?: string }) => {
    const end = Number(cursor) + own;
    return { data: rows.slice(Number(cursor), end), ...(end < 7 ? { next: String(end) } : {}) };
  };
};

/** All pages of a list, requested with these limits in turn. */
async function walk(own: number, limits: number[]): Promise<number[][]> {
  const list = lists();
  const pages: number[][] = [];
  let cursor: string | undefined;
  do {
    const limit = limits[pages.length] ?? limits.at(-1)!;
    const page = await list.page(place, { limit, ...(cursor ? { cursor } : {}) }, pagesOf(own));
    pages.push(page.data);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return pages;
}

describe('a list of a provider', () => {
  it.each([
    ['gives what it is asked for', 2, [2]],
    ['gives everything at once', 7, [2]],
    ['has pages of its own', 3, [2]],
    ['has small pages of its own', 1, [2]],
    ['gives everything to somebody who changes the limit', 7, [2, 1, 3]],
  ])('never shows more than the limit, and each row once, where the provider %s', async (_, own, limits) => {
    const pages = await walk(own, limits);
    pages.forEach((page, at) => expect(page.length).toBeLessThanOrEqual(limits[at] ?? limits.at(-1)!));
    expect(pages.flat()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('is read again after a customer in it was erased, also by callers that accept a cached answer', async () => {
    const list = lists();
    let reads = 0;
    const page = () =>
      list.page(place, { limit: 25, maxStaleness: 60 }, async () => ({ data: [(reads += 1)] }));
    await page();
    expect((await page()).data).toEqual([1]);
    list.forget('con_2');
    expect((await page()).data).toEqual([1]);
    list.forget('con_1');
    expect((await page()).data).toEqual([2]);
  });

  it.each([
    ['another account', { lane: { fingerprint: 'uds-2' } }],
    ['another address', { baseUrl: 'https://b.example' }],
    ['other settings', { settings: { currency: 'EUR' } }],
  ])('is read again after its connection got %s', async (_, change) => {
    const list = lists();
    let reads = 0;
    const page = (connection: object) =>
      list.page({ ...place, connection } as ListPlace, { limit: 25, maxStaleness: 60 }, async () => ({
        data: [(reads += 1)],
      }));
    expect((await page(shop)).data).toEqual([1]);
    expect((await page({ ...shop, state: 'degraded' })).data).toEqual([1]);
    expect((await page({ ...shop, ...change })).data).toEqual([2]);
  });

  it('is not cached with the provider’s raw answer, which may have megabytes', async () => {
    const list = lists();
    let reads = 0;
    const page = () =>
      list.page(place, { limit: 25, maxStaleness: 60, include: 'raw' }, async () => ({
        data: [(reads += 1)],
      }));
    await page();
    expect((await page()).data).toEqual([2]);
  });
});
