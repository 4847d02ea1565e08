import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { execute, kindOf, resolveOperation } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { TestGateway } from '../support/gateway.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';

// No worker runs here: what is to be repeated stays queued.
describe('a write whose answer was lost, while it waits for its repeat', () => {
  let stack: Stack;
  let world: World;
  let gateway: TestGateway;
  let recreativ: OpenConnection;
  let id: string;

  const stored = async () => (await world.core.stores.operations.byId(world.core.database.direct, id))!;
  const sent = async () => (await world.journal('recreativ')).filter(({ method }) => method === 'PUT').length;
  const decide = (outcome: 'executed' | 'not-executed', core = world.core) => {
    const person = { tenantId: world.tenantId, actor: 'key_1', actorName: 'Anna' };
    return resolveOperation(core, person, id, { outcome, note: 'Seen in the cabinet.' });
  };
  const told = async () => {
    const rows: { type: string }[] = await world.core.database.direct.query(
      `select type from events where resource_id = $1 and type like 'operation.%' order by sequence`,
      [id],
    );
    return rows.map(({ type }) => type);
  };

  beforeAll(async () => {
    stack = await startStack({ sandbox: { only: ['recreativ'], rateLimit: { recreativ: false } } });
    ({ world, gateway } = stack);
  });
  afterAll(() => stack.close());

  beforeEach(async () => {
    await world.control('reset', { provider: 'recreativ' });
    recreativ = await world.connect('recreativ', { currency: 'RUB' });
    const fault = { provider: 'recreativ', method: 'PUT', fault: 'commit-then-reset', count: 1 };
    await world.control('faults', fault);
    const answer = await world.write(kindOf('x.recreativ.setCampaignActive'), recreativ, {
      params: { id: '111' },
      body: { query: {}, body: { active: false } },
      waitMs: 0,
    });
    id = answer.operationId!;
    // One attempt, as soon as the lane has a start: its budget is shorter than the pause before a repeat.
    while ((await stored()).attempts === 0) await execute(world.core, id, { laneBudgetMs: 200 });
    expect(await stored()).toMatchObject({ state: 'queued', outcome: 'unknown', writeSent: true });
  });

  it.each([
    ['executed', 'succeeded'],
    ['not-executed', 'rejected'],
  ] as const)('is settled by a person as %s, and not sent again', async (outcome, state) => {
    await decide(outcome);
    await decide(outcome);
    expect(await stored()).toMatchObject({ state, outcome, evidence: 'none', wakeAt: null });
    expect((await told()).at(-1)).toBe('operation.resolved');
    expect(await sent()).toBe(1);
  });

  it('is still to be repeated if the decision could not be written', async () => {
    const journal = Object.assign(Object.create(world.core.stores.journal), {
      audit: () => Promise.reject(new Error('the disk is full')),
    });
    const core = { ...world.core, stores: { ...world.core.stores, journal } };
    await expect(decide('executed', core)).rejects.toThrow('the disk is full');
    expect(await stored()).toMatchObject({ outcome: 'unknown', writeSent: true });
  });

  it('keeps its connection, whose refusal says where it is listed, until it is settled', async () => {
    const connection = `/v1/connections/${recreativ.id}`;
    expect(await gateway.ask({ method: 'POST', path: `${connection}/pause` })).toMatchObject({ status: 200 });
    const { status, body } = await gateway.ask({ method: 'DELETE', path: connection });
    expect(status).toBe(409);
    const lists = (body.detail as string).match(/\/v1\/operations\?[^ ;,)]+/g) ?? [];
    const listed = await Promise.all(lists.map(path => gateway.ask({ path })));
    expect(listed.flatMap(list => list.body.data.map((row: { id: string }) => row.id))).toContain(id);

    expect(
      await gateway.ask({ method: 'POST', path: `/v1/operations/${id}/cancel`, body: {} }),
    ).toMatchObject({ status: 409, body: { detail: expect.stringContaining('/resolve') } });
    await decide('executed');
    expect(await gateway.ask({ method: 'DELETE', path: connection })).toMatchObject({ status: 204 });
  });
});
