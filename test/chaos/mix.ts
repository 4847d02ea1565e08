import { randomUUID } from 'node:crypto';
import { purchaseKind, refundKind, startWorkers, submit } from '#outbound';
import type { Kind, OpenConnection } from '#outbound';
import { Refusal } from '#canonical';
import { randomFrom } from '../../apps/sandbox/src/faults/fault-rules.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';
import { calm } from './calm.js';
import { openCompany } from './companies.js';
import type { Company } from './companies.js';
import { everyFault } from './faults.js';

/** Options of a run. */
export interface MixChoice {
  seed: number;
  purchases: number;
  refunds: number;
  /** Number of lanes; each starts five calls a second. */
  lanes: number;
  /** Share of calls that a fault hits. */
  share: number;
  /** Includes faults that hold a lane for a minute. */
  patient?: boolean;
  store?: 'redis' | 'postgres';
}

/** One request of a client and its answers. */
export interface Told {
  reference: string;
  status: number;
  operationId?: string;
}

/** The world after a run, with all answers. */
export interface Mixed {
  world: World;
  companies: Company[];
  told: Told[];
  close(): Promise<void>;
}

interface Ask {
  kind: Kind;
  connection: OpenConnection;
  body: { merchantReference: string } & Record<string, unknown>;
  params?: Record<string, string>;
}

const IN_FLIGHT = 100;
const WAIT_MS = 1_500;
const REPEATS = 20;
/** How often a request is sent twice at once under its key, and how often once more under another key. */
const DOUBLED = 10;

/** Purchases, then refunds of the successful ones, under every fault; then time advances without faults until all are final or in review. The caller closes the world. */
export async function runMix(choice: MixChoice): Promise<Mixed> {
  const world = await startWorld({ store: choice.store, glanceAfterMs: 300, sandbox: { only: [] } });
  const workers = startWorkers(world.core, world.queues);
  const companies: Company[] = [];
  // Every fifth lane belongs to LoyalClient.
  for (let nth = 0; nth < choice.lanes; nth++)
    companies.push(await openCompany(world, nth % 5 === 4 ? 'loyalclient' : 'uds', choice.seed + nth));
  const random = randomFrom(choice.seed);
  const told: Told[] = [];
  for (const asks of [purchasesOf, refundsOf]) {
    for (const [nth, company] of companies.entries())
      await company.breakCalls(everyFault(choice.seed + nth * 100, choice.share, choice.patient ?? false));
    await inTurn(await asks(world, companies, choice, random), (ask, nth) => request(world, ask, nth, told));
    await calm(world, companies);
  }
  await workers.close();
  const close = async () => {
    await world.close();
    await Promise.all(companies.map(({ sandbox }) => sandbox.close()));
  };
  return { world, companies, told, close };
}

async function purchasesOf(
  _world: World,
  companies: Company[],
  choice: MixChoice,
  random: () => number,
): Promise<Ask[]> {
  return Array.from({ length: choice.purchases }, (_, nth) => {
    const { connection } = companies[nth % companies.length]!;
    const code = connection.provider === 'uds' ? '700007' : random() < 0.5 ? '007007' : '012345';
    const receipt = {
      // A unique sum: where the provider keeps no reference, the journal is searched by it.
      total: { amount: (100 + nth / 100).toFixed(2), currency: 'RUB' },
      ...(random() < 0.2 ? { redeemPoints: '1' } : {}),
    };
    const body = { identifier: { type: 'code', value: code }, merchantReference: `p-${nth}`, receipt };
    return { kind: purchaseKind, connection, body };
  });
}

/** Refunds of successful purchases at UDS: of the whole, of a part, and of more than is left. */
async function refundsOf(
  world: World,
  companies: Company[],
  { refunds }: MixChoice,
  random: () => number,
): Promise<Ask[]> {
  const rows: { id: string; connection: string; total: string }[] = await world.core.database.source.query(
    `select p.id, p.connection_id as connection, p.total from purchases p
     join operations o on o.id = p.operation_id join connections c on c.id = p.connection_id
     where o.state = 'succeeded' and c.provider = 'uds' and p.provider_operation_id is not null order by p.id limit $1`,
    [Math.ceil(refunds / 2)],
  );
  return Array.from({ length: refunds }, (_, nth) => {
    const { id, connection, total } = rows[nth % rows.length]!;
    const part = (Math.floor(Number(total) * 50 * (0.5 + random())) / 100).toFixed(2);
    const amount = random() < 0.3 ? {} : { amount: { amount: part, currency: 'RUB' } };
    const body = { merchantReference: `r-${nth}`, ...amount };
    const company = companies.find(one => one.connection.id === connection)!;
    return { kind: refundKind, connection: company.connection, body, params: { purchaseId: id } };
  });
}

async function request(world: World, ask: Ask, nth: number, told: Told[]): Promise<void> {
  const key = randomUUID();
  const again = nth % DOUBLED === 0 ? [key] : nth % DOUBLED === 1 ? [randomUUID()] : [];
  await Promise.all([key, ...again].map(async one => told.push(await tell(world, ask, one))));
}

/** Requests as a client does: repeats a request that failed on our side under the same key. */
async function tell(world: World, ask: Ask, key: string): Promise<Told> {
  const { kind, connection, body, params = {} } = ask;
  const reference = body.merchantReference;
  for (let left = REPEATS; ; left--) {
    try {
      const asked = { kind, connection, body, params, idempotencyKey: key, waitMs: WAIT_MS };
      const { status, operationId } = await submit(world.core, asked);
      return { reference, status, operationId: operationId ?? undefined };
    } catch (error) {
      // Refused before acceptance: it has no operation.
      if (error instanceof Refusal && error.status < 500) return { reference, status: error.status };
      if (left === 0) throw error;
      await new Promise(resolve => setTimeout(resolve, 500));
    }
  }
}

async function inTurn<T>(all: T[], run: (one: T, nth: number) => Promise<void>): Promise<void> {
  let next = 0;
  const line = async () => {
    for (let nth = next++; nth < all.length; nth = next++) await run(all[nth]!, nth);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, line));
}
