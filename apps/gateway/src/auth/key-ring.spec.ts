import { describe, expect, it } from 'vitest';
import { newKey } from './key-hash.js';
import { KeyRing } from './key-ring.js';

/** A key ring over a store with one key; `answer` completes the oldest pending read. */
function slowRing() {
  const row = { tenantId: 'ten_1', id: 'key_1', name: 'till', scopes: [], defaultConnectionId: null };
  const stored = { there: true, revokedAt: null as Date | null };
  const reading: (() => void)[] = [];
  const keyByHash = () => {
    const seen = stored.there ? { ...row, expiresAt: null, revokedAt: stored.revokedAt } : null;
    return new Promise(resolve => reading.push(() => resolve(seen)));
  };
  const core = { database: { direct: {} }, background: { run: () => undefined }, now: () => new Date() };
  const tenants = { keyByHash, touchKey: async () => undefined };
  const ring = new KeyRing({ core, tenants } as never);
  return { ring, stored, reading, answer: () => reading.shift()!() };
}

describe('a key', () => {
  const key = newKey();
  const address = '192.0.2.1';

  it('is accepted if another one is revoked during its look-up', async () => {
    const { ring, answer } = slowRing();
    const caller = ring.identify(key, address);
    ring.forget();
    answer();
    expect(await caller).toMatchObject({ keyId: 'key_1' });
  });

  it('is not cached if it is revoked during its look-up', async () => {
    const { ring, stored, answer } = slowRing();
    const before = ring.identify(key, address);
    stored.revokedAt = new Date();
    ring.forget();
    answer();
    await before;
    const after = ring.identify(key, address);
    answer();
    await expect(after).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('is looked up once for concurrent requests, and again if it was not found', async () => {
    const { ring, stored, reading, answer } = slowRing();
    stored.there = false;
    const refused = [ring.identify(key, address), ring.identify(key, address)];
    expect(reading).toHaveLength(1);
    answer();
    await Promise.allSettled(refused);
    stored.there = true;
    const good = ring.identify(key, address);
    answer();
    expect(await good).toBe(await ring.identify(key, address));
    expect(reading).toHaveLength(0);
  });
});
