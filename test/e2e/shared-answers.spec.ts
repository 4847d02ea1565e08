import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { read } from '#outbound';
import type { OpenConnection } from '#outbound';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

// When a shared answer is renewed is tested with the cache; these tests check the connection it is renewed with.
let world: World;
let uds: OpenConnection;
beforeAll(async () => {
  world = await startWorld({ sandbox: { only: ['uds'] } });
});
afterAll(() => world.close());
afterEach(() => vi.restoreAllMocks());

const asked = async () =>
  (await world.journal('uds')).filter(({ path }) => path.endsWith('/settings')).length;
const move = (set: string) =>
  world.core.database.source.query(`update connections set ${set} where id = $1`, [uds.id]);

/** Reads the company's settings and returns the renewal function that the cache received. */
async function renewal() {
  uds = await world.connect('uds');
  const get = vi.spyOn(world.core.cache, 'get');
  await read(world.core, uds, 'getProgram', {}, { waitMs: 25_000 });
  return get.mock.lastCall![1].renew;
}

it('is renewed at the provider with the current connection', async () => {
  const renew = await renewal();
  const before = await asked();
  expect(await renew()).toMatchObject({ kind: 'done' });
  expect(await asked()).toBe(before + 1);
});

it.each([
  ['paused', `state = 'paused'`],
  ['changed', `settings = settings || '{"redeemByPhone": true}'`],
  ['given another key by another process', `lane = lane || '-next'`],
  ['deleted', `credentials = null, data_key = null`],
])('is not renewed for a connection that was %s', async (_, set) => {
  const renew = await renewal();
  const before = await asked();
  await move(set);
  expect(await renew()).toEqual({ kind: 'taken' });
  expect(await asked()).toBe(before);
});

it('is not shared with the key that the connection got meanwhile: it may be another company’s', async () => {
  uds = await world.connect('uds');
  await read(world.core, uds, 'getProgram', {}, { waitMs: 25_000 });
  const before = await asked();
  const rotated = { ...uds, lane: { ...uds.lane, fingerprint: `${uds.lane.fingerprint}-next` } };
  await read(world.core, rotated, 'getProgram', {}, { waitMs: 25_000 });
  expect(await asked()).toBe(before + 1);
});
