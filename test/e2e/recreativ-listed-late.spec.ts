import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { customerKind, kindOf, reconcile } from '#outbound';
import type { OpenConnection } from '#outbound';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

let world: World;
let recreativ: OpenConnection;
let aheadMs = 0;

beforeAll(async () => {
  world = await startWorld({
    store: 'postgres',
    sandbox: { only: ['recreativ'], rateLimit: { recreativ: false } },
    now: () => new Date(Date.now() + aheadMs),
  });
});
beforeEach(async () => {
  aheadMs = 0;
  await world.control('reset', { provider: 'recreativ' });
  recreativ = await world.connect('recreativ', { currency: 'RUB' });
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => world.close());

const operation = async (id: string) =>
  (await world.core.stores.operations.byId(world.core.database.direct, id))!;
const lose = (fault: string, pathPattern: string) =>
  world.control('faults', { provider: 'recreativ', fault, method: 'POST', pathPattern, count: 1 });
/** Until the returned function is called, Recreativ's lists do not have what is created now. */
function hideNew(): () => void {
  const { send } = world.core;
  const really = send.send.bind(send);
  const old = (rows: { id: number }[]) => rows.filter(({ id }) => id < 3100 || (id > 6000 && id < 8000));
  const hiding = vi.spyOn(send, 'send').mockImplementation(async asked => {
    const sent = await really(asked);
    if (sent.kind !== 'answered' || asked.method !== 'GET') return sent;
    const { body } = sent.answer as { body: any };
    const shown = Array.isArray(body)
      ? old(body)
      : body.offers
        ? { ...body, offers: old(body.offers) }
        : body;
    return { ...sent, answer: { ...sent.answer, body: shown } };
  });
  return () => hiding.mockRestore();
}
/** What became of a write whose answer was lost, after two looks. */
async function lookedUp(id: string) {
  await reconcile(world.core, id);
  aheadMs = 61_000;
  await reconcile(world.core, id);
  return operation(id);
}

describe('a registration at Recreativ', () => {
  const body = { username: 'dina', email: 'dina@example.com' };

  it('is not found in the account of another registration that the list shows late', async () => {
    const show = hideNew();
    await world.write(customerKind, recreativ, { body });
    await lose('reset-before-reading', 'advertiser/users$');
    const { operationId } = await world.attempt(customerKind, recreativ, { body });
    show();
    expect(await lookedUp(operationId!)).toMatchObject({ state: 'rejected', outcome: 'not-executed' });
    expect(await world.effects('recreativ')).toHaveLength(1);
  });

  it('is not executed beside another registration with its address that the list shows late', async () => {
    const show = hideNew();
    await world.write(customerKind, recreativ, { body: { ...body, username: 'dina-2' } });
    await lose('reset-before-reading', 'advertiser/users$');
    const { operationId } = await world.attempt(customerKind, recreativ, { body });
    show();
    expect(await lookedUp(operationId!)).toMatchObject({ state: 'rejected', outcome: 'not-executed' });
  });
});

/** Additions reach Recreativ twice, until the end of the test. */
function arriveTwice(): void {
  const { send } = world.core;
  const really = send.send.bind(send);
  vi.spyOn(send, 'send').mockImplementation(async asked => {
    if (asked.method === 'POST') await really(asked);
    return really(asked);
  });
}

describe('a registration that is refused for its login', () => {
  const body = { username: 'dina', email: 'dina@example.com' };

  it('is not told as refused where it reached Recreativ twice, and took the login itself', async () => {
    arriveTwice();
    const { operationId, status } = await world.attempt(customerKind, recreativ, { body });
    expect(status).toBe(202);
    await reconcile(world.core, operationId!);
    expect(await operation(operationId!)).toMatchObject({ state: 'succeeded', evidence: 'strong' });
    expect(await world.effects('recreativ')).toHaveLength(1);
  });

  it('is refused at once, in the words of Recreativ, where the login is a stranger’s', async () => {
    const taken = { ...body, username: 'stranger' };
    expect(await world.write(customerKind, recreativ, { body: taken })).toMatchObject({
      status: 422,
      body: { code: 'validation-failed', errors: [{ pointer: '/username' }] },
    });
  });
});

describe('an offer of Recreativ', () => {
  const kind = kindOf('x.recreativ.createOffer');
  const offer = { campaignId: '111', description: 'Кофе', url: 'https://coffee.example.ru/new' };
  const asked = { body: { query: {}, body: offer } };

  it('is not found in that of another operation, which the list shows late', async () => {
    const show = hideNew();
    await world.write(kind, recreativ, asked);
    await lose('reset-before-reading', 'advertiser/offers$');
    const { operationId } = await world.attempt(kind, recreativ, asked);
    show();
    expect(await lookedUp(operationId!)).toMatchObject({ state: 'rejected', outcome: 'not-executed' });
    expect((await world.effects('recreativ')).filter(({ type }) => type === 'offer')).toHaveLength(1);
  });

  it('is found beside an equal one that the list shows late', async () => {
    const show = hideNew();
    const first = await world.write(kind, recreativ, asked);
    await lose('commit-then-reset', 'advertiser/offers$');
    const { operationId } = await world.attempt(kind, recreativ, asked);
    show();
    expect(await lookedUp(operationId!)).toMatchObject({ state: 'succeeded', evidence: 'strong' });
    expect(first.body).toMatchObject({ id: '3101' });
  });
});
