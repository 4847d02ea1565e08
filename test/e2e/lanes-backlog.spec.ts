import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCore, purchaseKind, startWorkers, sweep } from '#outbound';
import type { OpenConnection, OpenCore, Workers } from '#outbound';
import { openBull } from '../../libs/outbound/src/jobs/bull.js';
import { PUMPS_QUEUE } from '../../libs/outbound/src/jobs/bull-jobs.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const sale = () => ({
  identifier: { type: 'code', value: '123456' },
  merchantReference: randomUUID(),
  receipt: { total: { amount: '10.00', currency: 'RUB' } },
});

describe.each(['redis', 'postgres'] as const)('a backlog in one lane, with its queues on %s', store => {
  let world: World;
  let second: OpenCore;
  let uds: OpenConnection;
  let workers: Workers[] = [];

  beforeAll(async () => {
    world = await startWorld({ store });
    second = await createCore(world.settings);
    uds = await world.connect('uds');
  });
  afterAll(async () => {
    await Promise.all(workers.map(each => each.close()));
    await second?.core.background.drain(10_000);
    await second?.close();
    await world?.close();
  });

  const startBoth = () => {
    workers = [startWorkers(world.core, world.queues), startWorkers(second.core, second.queues)];
  };
  const stopBoth = () => Promise.all(workers.splice(0).map(each => each.close()));
  const queue = (connection = uds) => world.write(purchaseKind, connection, { body: sale(), waitMs: 0 });
  /** Nobody waits for the job of what is queued. */
  const added = () => world.core.background.drain(10_000);
  const states = async (ids: (string | null)[]) =>
    (
      (await world.core.database.direct.query(`select state from operations where id = any($1)`, [ids])) as {
        state: string;
      }[]
    ).map(row => row.state);
  const ended = (ids: (string | null)[]) =>
    expect
      .poll(async () => new Set(await states(ids)), { timeout: 60_000, interval: 100 })
      .toEqual(new Set(['succeeded']));

  it('is one job, however many operations it has', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => queue()));
    expect(answers.every(answer => answer.status === 202)).toBe(true);
    await added();
    const bull = openBull(world.queues);
    const pumps = await bull.queue(PUMPS_QUEUE);
    expect(await pumps.getJobCountByTypes('waiting', 'prioritized', 'delayed')).toBe(1);
    await bull.close();
    startBoth();
    await ended(answers.map(answer => answer.operationId));
    const effects = await world.effects('uds');
    expect(effects.filter(effect => effect.type === 'purchase')).toHaveLength(12);
    await stopBoth();
  });

  it('is resumed by the sweep when its job is lost', async () => {
    const answer = await queue();
    await added();
    const bull = openBull(world.queues);
    await (await bull.queue(PUMPS_QUEUE)).obliterate({ force: true });
    await bull.close();
    expect(await sweep(world.core)).toBeGreaterThan(0);
    startBoth();
    await ended([answer.operationId]);
    await stopBoth();
  });

  it('sends urgent operations first', async () => {
    const slow = await world.connect('uds');
    const { database, stores } = world.core;
    await stores.connections.update(database.direct, slow.id, { requestsPerSecond: 1 });
    const lane = (await world.reopen(slow)).lane;
    const ids: string[] = [];
    for (const laneClass of ['bulk', 'write', 'interactive']) {
      const { operationId } = await queue(slow);
      await database.direct.query(`update operations set lane_class = $2 where id = $1`, [
        operationId,
        laneClass,
      ]);
      ids.push(operationId!);
    }
    const order = await stores.backlog.next(database.direct, lane.fingerprint, 10, []);
    expect(order.map(each => each.id)).toEqual(ids.toReversed());
    expect(await stores.backlog.next(database.direct, lane.fingerprint, 10, [ids[2]!])).toHaveLength(2);
    startBoth();
    await ended(ids);
    await stopBoth();
  });

  it('skips a paused connection until it is resumed', async () => {
    const paused = await world.connect('uds');
    const { database, stores } = world.core;
    const { operationId } = await queue(paused);
    await stores.connections.update(database.direct, paused.id, { state: 'paused' });
    expect(await stores.backlog.next(database.direct, paused.lane.fingerprint, 10, [])).toEqual([]);
    startBoth();
    await stores.connections.update(database.direct, paused.id, { state: 'callable' });
    await ended([operationId]);
    await stopBoth();
  });
});
