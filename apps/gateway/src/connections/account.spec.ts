import { registry } from '#adapters';
import type { EgressGuard } from '#outbound';
import { describe, expect, it } from 'vitest';
import { baseUrlFor } from './account.js';

const open = { checkUrl: async () => undefined } as unknown as EgressGuard;
const loyalclient = registry['loyalclient']!.adapter;

describe('the base URL of a connection', () => {
  it.each([
    'https://shop.example',
    'https://shop.example/',
    'https://shop.example/integration/general',
    'https://shop.example/integration/general/',
    // One address is written in one way, since a ledger is recognised by it.
    'HTTPS://Shop.Example:443/',
  ])('%s may end in the path that all calls share', async given => {
    expect(await baseUrlFor(open, loyalclient, given)).toBe('https://shop.example');
  });

  it.each(['https://site.example', 'https://site.example/api.html', 'https://site.example/api.html/'])(
    '%s may be the entry point that PP documents',
    async given => {
      expect(await baseUrlFor(open, registry['pp']!.adapter, given)).toBe('https://site.example');
    },
  );

  it('keeps a path of its own', async () => {
    for (const given of ['https://host.example/shop', 'https://host.example/disintegration/general'])
      expect(await baseUrlFor(open, loyalclient, given)).toBe(given);
  });
});
