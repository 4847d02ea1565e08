import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { completeConsent, consentKind, customerKind, linkKind, readConsentSession } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { ConsentComplete, ConsentSession, Customer, Link } from '#canonical';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const IVAN = 'ub_GB_xyz';
const target = { type: 'offer', id: 'off_42' };
const HOUR = 3_600_000;

let world: World;
let recca: OpenConnection;
let ivan: Customer;
let aheadMs = 0;

beforeAll(async () => {
  world = await startWorld({ sandbox: { only: ['recca'] }, now: () => new Date(Date.now() + aheadMs) });
});
afterAll(() => world.close());
beforeEach(async () => {
  aheadMs = 0;
  await world.control('reset', { provider: 'recca' });
  recca = await world.connect('recca');
  ivan = (await world.write(customerKind, recca, { body: { externalId: 'mysite:vk:12345' } }))
    .body as Customer;
});

const open = async (): Promise<ConsentSession> =>
  (await world.write(consentKind, recca, { body: { customerId: ivan.id } })).body as ConsentSession;

/** The message that a session's popup posts when this person consents. */
async function allowed(session: Pick<ConsentSession, 'authorizeUrl'>, who = IVAN): Promise<ConsentComplete> {
  const page = await (await fetch(session.authorizeUrl)).text();
  const messages = JSON.parse(/id="messages">(.*?)<\/script>/s.exec(page)![1]!) as any[];
  const { token, user_id, expires_at, state } = messages.find(message => message.user_id === who);
  return { token, userId: user_id, expiresAt: expires_at, state };
}
const complete = (session: ConsentSession, answer: ConsentComplete): Promise<ConsentSession> =>
  completeConsent(world.core, world.tenantId, session.id, answer);
const consented = async (): Promise<void> => {
  const session = await open();
  await complete(session, await allowed(session));
};
const link = (more: object = {}) =>
  world.write(linkKind, recca, { body: { customerId: ivan.id, target, ...more } });

describe('a consent session', () => {
  it('has a Location where it can be read', async () => {
    const made = await world.write(consentKind, recca, { body: { customerId: ivan.id } });
    expect(made.location).toBe(`/v1/consent-sessions/${(made.body as ConsentSession).id}`);
  });

  it('is opened with its own state, stored only as a hash', async () => {
    const session = await open();
    const another = await open();
    expect(session).toMatchObject({ status: 'pending', operationId: expect.stringMatching(/^opr_/) });
    expect(session.state).toMatch(/^[0-9a-f]{32}$/);
    expect(another.state).not.toBe(session.state);
    expect(new URL(session.authorizeUrl).searchParams.get('state')).toBe(session.state);
    const rows = await world.core.database.source.query('select * from records where id = $1', [session.id]);
    expect(JSON.stringify(rows)).not.toContain(session.state);
    expect(await readConsentSession(world.core, world.tenantId, session.id)).toEqual(session);
  });

  it('accepts the popup’s answer once, and stores the token sealed', async () => {
    const session = await open();
    const answer = await allowed(session);
    expect(await complete(session, answer)).toMatchObject({
      id: session.id,
      status: 'completed',
      expiresAt: new Date(answer.expiresAt).toISOString(),
    });
    await expect(complete(session, answer)).rejects.toMatchObject({ code: 'state-conflict' });
    const rows = await world.core.database.source.query('select * from records where id = $1', [session.id]);
    expect(JSON.stringify(rows)).not.toContain(answer.token.slice(0, 20));
  });

  it('is unaffected by a wrong state, and accessible to its tenant alone', async () => {
    const session = await open();
    const answer = await allowed(session);
    const foreign = { ...answer, state: (await open()).state };
    await expect(complete(session, foreign)).rejects.toMatchObject({
      code: 'validation-failed',
      members: { errors: [{ pointer: '/state' }] },
    });
    await expect(
      completeConsent(world.core, 'ten_of_somebody_else', session.id, answer),
    ).rejects.toMatchObject({ code: 'not-found' });
    expect(await complete(session, answer)).toMatchObject({ status: 'completed' });
  });

  it('can be answered again if Postgres failed before the token was stored', async () => {
    const session = await open();
    const answer = await allowed(session);
    const { consents } = world.core.stores;
    const broken = Object.assign(Object.create(consents), {
      keepSealed: () => Promise.reject(new Error('Postgres is away.')),
    });
    const core = { ...world.core, stores: { ...world.core.stores, consents: broken } };
    await expect(completeConsent(core, world.tenantId, session.id, answer)).rejects.toThrow('away');
    expect(await complete(session, answer)).toMatchObject({ status: 'completed' });
  });

  it('ends when somebody else has answered', async () => {
    const session = await open();
    await expect(complete(session, await allowed(session, 'ub_GB_anna'))).rejects.toMatchObject({
      code: 'validation-failed',
      members: { errors: [{ pointer: '/userId' }] },
    });
    await expect(complete(session, await allowed(session))).rejects.toMatchObject({ code: 'state-conflict' });
    await expect(link()).rejects.toMatchObject({ code: 'end-user-token-invalid' });
  });

  it('expires after ten minutes', async () => {
    const session = await open();
    const answer = await allowed(session);
    aheadMs = 600_001;
    await expect(complete(session, answer)).rejects.toMatchObject({ code: 'state-conflict' });
  });

  it('refuses an expired token, also with seconds instead of milliseconds', async () => {
    const session = await open();
    const answer = await allowed(session);
    const seconds = { ...answer, expiresAt: Math.floor(answer.expiresAt / 1000) };
    await expect(complete(session, seconds)).rejects.toMatchObject({
      members: { errors: [{ pointer: '/expiresAt' }] },
    });
  });

  it('is answered once when two answers come at the same moment', async () => {
    const session = await open();
    const answer = await allowed(session);
    const both = await Promise.allSettled([complete(session, answer), complete(session, answer)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('can still be read after its connection was deleted, and takes no token any more', async () => {
    const session = await open();
    const answer = await allowed(session);
    const { database, stores } = world.core;
    await stores.connections.destroy(database.direct, recca.id);
    expect(await readConsentSession(world.core, world.tenantId, session.id)).toEqual(session);
    await expect(complete(session, answer)).rejects.toMatchObject({ code: 'not-found' });
    const [row] = await database.direct.query('select sealed, body from records where id = $1', [session.id]);
    expect(row).toMatchObject({ sealed: null, body: { status: 'pending' } });
  });

  it('cannot be opened for a provider without consent', async () => {
    const elsewhere = { ...recca, adapter: { ...recca.adapter, consent: undefined } };
    await expect(
      world.write(consentKind, elsewhere, { body: { customerId: ivan.id } }),
    ).rejects.toMatchObject({ code: 'capability-not-supported', members: { capability: 'consent' } });
  });
});

describe('a referral link', () => {
  it('is refused without consent before anything is stored or sent', async () => {
    await expect(link()).rejects.toMatchObject({ code: 'end-user-token-invalid', status: 424 });
    expect(
      await world.core.stores.operations.page(world.core.database.direct, world.tenantId, {
        kind: 'createLink',
        connectionId: recca.id,
        limit: 10,
      }),
    ).toEqual([]);
    expect((await world.journal('recca')).filter(({ path }) => path.endsWith('referral-link'))).toHaveLength(
      0,
    );
  });

  it('is made in the customer’s name, and is the same for the same request', async () => {
    await consented();
    const first = await link();
    expect(first).toMatchObject({
      status: 201,
      body: { shortUrl: expect.stringMatching(/^https:/), reused: false, operationId: first.operationId },
    });
    const second = await link();
    const { shortUrl, providerRef } = first.body as Link;
    expect(second).toMatchObject({ status: 201, body: { shortUrl, providerRef, reused: true } });
    expect(await link({ promoCode: 'ANNA10' })).toMatchObject({ body: { reused: false } });
    const effects = (await world.effects('recca')).filter(({ type }) => type === 'link');
    expect(effects).toHaveLength(2);
    const pages = await world.core.stores.records.page(world.core.database.direct, world.tenantId, 'link', {
      customerId: ivan.id,
      filled: true,
      limit: 10,
    });
    expect(pages).toHaveLength(3);
  });

  it('is repeated after a lost answer and is the same link', async () => {
    await consented();
    await world.control('faults', {
      provider: 'recca',
      method: 'POST',
      pathPattern: 'referral-link',
      fault: 'commit-then-reset',
      count: 1,
    });
    expect(await link()).toMatchObject({ status: 201, body: { reused: true } });
    expect((await world.effects('recca')).filter(({ type }) => type === 'link')).toHaveLength(1);
  });

  it('is refused with 424 when Recca does not take the token', async () => {
    const session = await open();
    const other = session.authorizeUrl.replace('client_id=agp', 'client_id=other');
    const { token, expiresAt } = await allowed({ authorizeUrl: other }, 'ub_OT_zoya');
    await complete(session, { token, expiresAt, userId: IVAN, state: session.state });
    const answer = await link();
    expect(answer).toMatchObject({ status: 424, body: { code: 'end-user-token-invalid' } });
    const { resourceId } = (await world.core.stores.operations.byId(
      world.core.database.direct,
      answer.operationId!,
    ))!;
    const kept = await world.core.stores.records.page(world.core.database.direct, world.tenantId, 'link', {
      connectionId: recca.id,
      filled: true,
      limit: 10,
    });
    expect(kept.map(({ id }) => id)).not.toContain(resourceId);
  });

  it('cannot be consented to for a customer who was forgotten meanwhile', async () => {
    const session = await open();
    const answer = await allowed(session);
    await world.core.stores.customers.erase(world.core.database.direct, world.tenantId, ivan.id);
    await expect(complete(session, answer)).rejects.toMatchObject({ code: 'not-found' });
    const rows = await world.core.database.source.query('select sealed, body from records where id = $1', [
      session.id,
    ]);
    expect(rows).toEqual([{ sealed: null, body: { status: 'pending' } }]);
  });

  it('can no longer be made for a customer who was forgotten', async () => {
    await consented();
    await world.core.stores.customers.erase(world.core.database.direct, world.tenantId, ivan.id);
    await expect(link()).rejects.toMatchObject({ code: 'not-found' });
    expect(
      (await world.core.stores.operations.byId(world.core.database.direct, ivan.operationId!))!.result,
    ).toBeNull();
  });

  it('needs a consent that is still valid', async () => {
    await consented();
    aheadMs = 2 * HOUR;
    await expect(link()).rejects.toMatchObject({ code: 'end-user-token-invalid' });
  });
});
