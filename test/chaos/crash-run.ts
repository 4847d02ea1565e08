import { randomUUID } from 'node:crypto';
import { accept, purchaseKind } from '#outbound';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';
import { startChild } from './child.js';
import type { ChildWrite } from './child.js';
import { openCompany } from './companies.js';
import type { Company } from './companies.js';
import type { CrashCase, Role } from './crash-cases.js';
import { effectsOf, tallyOf } from './oracle.js';
import type { Tally } from './oracle.js';

/** The crashes at one point in one kind of process, before what became of their writes is known. */
export interface Crashes {
  point: string;
  role: Role;
  headStart: boolean;
  /** Processes that killed themselves at the point. */
  killed: number;
  /** Writes that were answered before that. */
  acknowledged: number;
}

/** The result of one crash point in one kind of process. */
export interface CrashResult extends Crashes, Tally {}

/** One crash point in one kind of process, with the writes of its processes. */
interface Scene {
  one: CrashCase;
  role: Role;
  /** Own ledger and lane: twenty crashes of each kind write more than one company normally does. */
  company: Company;
  writes: ChildWrite[];
  acknowledged: Set<string>;
  killed: number;
}

/** Writes in progress in each process when it dies. */
const AT_ONCE = 2;

/** Kills `repeats` processes at each point over the same stores (`store`: of lanes and jobs), lets a new worker finish, and compares with the sandbox. `seen` is told of each point twice: when its processes are dead, and when its result is known. */
export async function crashAll(
  cases: readonly { one: CrashCase; role: Role }[],
  repeats: number,
  store: 'redis' | 'postgres',
  seen: (point: Crashes | CrashResult) => void = () => undefined,
): Promise<CrashResult[]> {
  const world = await startWorld({ store, glanceAfterMs: 300, sandbox: { only: [] } });
  const scenes: Scene[] = [];
  try {
    for (const [nth, { one, role }] of cases.entries()) {
      const company = await openCompany(world, one.provider, nth + 1);
      scenes.push({ one, role, company, writes: [], acknowledged: new Set(), killed: 0 });
    }
    for (const scene of scenes) {
      for (let repeat = 0; repeat < repeats; repeat++) await endOne(world, scene);
      seen(crashesOf(scene));
    }
    await letTimePass(world);
    return await recover(world, scenes, seen);
  } finally {
    await world.close();
    await Promise.all(scenes.map(({ company }) => company.sandbox.close()));
  }
}

const crashesOf = ({ one, role, killed, acknowledged }: Scene): Crashes => {
  const { point, headStart = false } = one;
  return { point, role, headStart, killed, acknowledged: acknowledged.size };
};

let sales = 0;

function sale(provider: string): ChildWrite {
  const nth = ++sales;
  return {
    kind: 'purchase',
    key: randomUUID(),
    waitMs: 3_000,
    body: {
      identifier: { type: 'code', value: provider === 'uds' ? '700007' : '007007' },
      merchantReference: `sale-${nth}`,
      // A unique sum: LoyalClient keeps no reference by which a purchase could be found in its ledger.
      receipt: { total: { amount: `${100 + nth}.00`, currency: 'RUB' } },
    },
  };
}

async function endOne(world: World, scene: Scene): Promise<void> {
  const { one, role, company } = scene;
  const fresh = Array.from({ length: AT_ONCE }, () => sale(one.provider));
  scene.writes.push(...fresh);
  if (one.fault) {
    const next = { provider: one.provider, method: 'POST', pathPattern: '^/operations$', count: 1 };
    await company.control('faults', { ...one.fault, ...next });
  }
  if (role === 'worker') for (const write of fresh) await leave(world, scene, write);
  const { probe, headStart } = one;
  const work = role === 'api' ? { writes: fresh, probe, headStart } : {};
  const child = await startChild(world, {
    role,
    connectionId: company.connection.id,
    crashAt: one.point,
    ...work,
  });
  scene.killed += Number((await child.ended) === 'SIGKILL');
  for (const key of child.acknowledged) scene.acknowledged.add(key);
}

/** Accepts a write and leaves it to the workers; an orphan looks like the row of a process that died while sending. */
async function leave({ core }: World, scene: Scene, { body, key }: ChildWrite): Promise<void> {
  const { company, one, acknowledged } = scene;
  const { connection } = company;
  const asked = { kind: purchaseKind, connection, body, params: {}, idempotencyKey: key, waitMs: 0 };
  const taken = await accept(core, asked);
  if (taken.outcome !== 'new') throw new Error(`The write was ${taken.outcome}.`);
  acknowledged.add(key);
  const { operation } = taken;
  if (!one.orphan) return core.jobs.operation('execute', operation.id, 'f0', 0);
  const gone = { owner: 'a process that is gone', leaseMs: 1 };
  await core.stores.operations.claim(core.database.direct, operation, gone, { write: true });
}

// No process can still be sending, so leases and settle times may be ended.
async function letTimePass({ core }: World): Promise<void> {
  await core.database.source.query(
    `update operations set lease_until = least(lease_until, now()), wake_at = least(wake_at, now()),
       first_sent_at = first_sent_at - interval '2 minutes', last_sent_at = last_sent_at - interval '2 minutes'
     where state in ('queued','dispatching','unknown')`,
  );
}

/** A new worker finishes; the clients repeat every write under its key, as after a lost connection. */
async function recover(
  world: World,
  scenes: Scene[],
  seen: (result: CrashResult) => void,
): Promise<CrashResult[]> {
  await Promise.all(scenes.map(({ company }) => company.breakCalls([])));
  const worker = await startChild(world, { role: 'worker' });
  await worker.ready;
  const results = await Promise.all(
    scenes.map(async scene => {
      const { company, writes, acknowledged } = scene;
      const effects = () => effectsOf(company);
      const tally = await tallyOf(world, company.connection, { writes, acknowledged, effects });
      const result = { ...crashesOf(scene), ...tally };
      seen(result);
      return result;
    }),
  );
  worker.signal('SIGTERM');
  await worker.ended;
  return results;
}
