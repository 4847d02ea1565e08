import { sweep } from '#outbound';
import type { World } from '../support/world.js';
import type { Company } from './companies.js';

const ROUNDS = 400;

/** Turns faults off and advances time by hand: late effects first, then leases, settle times and probes. */
export async function calm(world: World, companies: Company[]): Promise<void> {
  const { core } = world;
  await core.background.drain(60_000);
  for (const company of companies) {
    await company.breakCalls([]);
    await company.control('clock', { offsetMs: 120_000 });
    await company.control('clock', { offsetMs: 0 });
  }
  for (let round = 0; round < ROUNDS && (await open(world)) > 0; round++) {
    await core.database.source.query(
      `update operations set wake_at = now(), first_sent_at = first_sent_at - interval '1 minute', last_sent_at = last_sent_at - interval '1 minute'
       where state in ('queued','unknown') and lease_until is null`,
    );
    await sweep(core);
    const before = await open(world);
    await until(async () => (await open(world)) < before || (await idle(world)), 3_000);
  }
}

async function open({ core }: World): Promise<number> {
  const [row] = await core.database.source.query(
    `select count(*)::int as n from operations where state in ('queued','dispatching','unknown')`,
  );
  return row.n;
}

/** No row is leased, and none is due. */
async function idle({ core }: World): Promise<boolean> {
  const [row] = await core.database.source.query(
    `select count(*)::int as n from operations where state in ('queued','dispatching','unknown')
       and (lease_until is not null or wake_at <= now())`,
  );
  return row.n === 0;
}

async function until(reached: () => Promise<boolean>, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (!(await reached()) && performance.now() < end)
    await new Promise(resolve => setTimeout(resolve, 100));
}
