import { setTimeout as pause } from 'node:timers/promises';
import { randomFrom } from '../../apps/sandbox/src/faults/fault-rules.js';
import { insertKey } from '../support/gateway.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';
import { calm } from './calm.js';
import { openCompany } from './companies.js';
import type { Company } from './companies.js';
import { startCrew } from './crew.js';
import { everyFault } from './faults.js';
import { booksOf, isBooked } from './flow-books.js';
import { stories } from './flow-stories.js';
import type { Draw } from './flow-stories.js';
import { Till } from './flow-till.js';
import type { Wanted } from './flow-till.js';

/** Options of a run. */
export interface FlowsChoice {
  seed: number;
  flows: number;
  /** After each round everything settles, and a person resolves the operations in review. */
  rounds: number;
  /** Share of calls that a fault hits. */
  share: number;
  /** Average time between two kills, in milliseconds. */
  killEveryMs: number;
  store: 'redis' | 'postgres';
}

/** The world after a run, with all requests and answers. */
export interface Flows {
  world: World;
  companies: Company[];
  wanted: Wanted[];
  killed: number;
  till(connectionId: string): Till;
  close(): Promise<void>;
}

/** Accounts: a provider with per-customer locks gets several, since a lost spend blocks the next one of its customer. */
const SHOPS: readonly { provider: string; settings?: Record<string, unknown>; often: number }[] = [
  ...Array.from({ length: 3 }, () => ({ provider: 'loyalclient', often: 3 })),
  ...Array.from({ length: 3 }, () => ({
    provider: 'loyalclient',
    settings: { onWeakEvidence: 'accept' },
    often: 3,
  })),
  ...Array.from({ length: 3 }, () => ({ provider: 'uds', often: 3 })),
  ...Array.from({ length: 2 }, () => ({ provider: 'uds', settings: { advisoryHolds: true }, often: 3 })),
  { provider: 'recca', often: 2 },
  { provider: 'recreativ', often: 2 },
  { provider: 'pp', often: 1 },
];

const IN_FLIGHT = 30;
/** A round starts no new flow after this time (ms), so that a slow machine does fewer. */
const PLAY_MS = 45_000;
/** Maximum duration of the flows' holds. */
const LATER_MS = 7_200_000;

/** Multi-step flows under every fault while processes are killed; then everything settles. The caller closes the world. */
export async function runFlows(choice: FlowsChoice): Promise<Flows> {
  const world = await startWorld({ store: choice.store, glanceAfterMs: 300, sandbox: { only: [] } });
  const random = randomFrom(choice.seed);
  const companies: Company[] = [];
  const deck: Company[] = [];
  for (const [nth, { provider, settings, often }] of SHOPS.entries()) {
    const company = await openCompany(world, provider, choice.seed + nth, settings);
    companies.push(company);
    deck.push(...Array.from({ length: often }, () => company));
  }
  const shuffled = (count: number) =>
    Array.from({ length: Math.ceil(count) }, () => deck[Math.floor(random() * deck.length)]!);
  const crew = await startCrew(world);
  const [apiKey, wanted] = [await insertKey(world), [] as Wanted[]];
  const tills = new Map(companies.map(one => [one.connection.id, new Till(crew, apiKey, one, wanted)]));
  const flows: Flows = {
    world,
    companies,
    wanted,
    killed: 0,
    till: id => tills.get(id)!,
    close: async () => {
      await crew.close();
      await world.close();
      await Promise.all(companies.map(({ sandbox }) => sandbox.close()));
    },
  };
  try {
    for (let round = 0; round < choice.rounds; round++) {
      await fault(flows, choice, round);
      const killer = crew.kill(choice.killEveryMs, random);
      const end = performance.now() + PLAY_MS;
      const draw: Draw = { random, next: () => ++sums, over: () => performance.now() > end };
      await inTurn(shuffled(choice.flows / choice.rounds), company => play(flows, company, draw));
      await killer.stop();
      await rest(flows);
    }
    await endHolds(flows);
    for (const write of wanted) await flows.till(write.company.connection.id).repeat(write);
  } catch (error) {
    await flows.close();
    throw error;
  }
  flows.killed = crew.killed();
  return flows;
}

async function fault({ companies }: Flows, { seed, share }: FlowsChoice, round: number): Promise<void> {
  for (const [nth, company] of companies.entries())
    await company.breakCalls(everyFault(seed + round * 10_000 + nth * 100, share, false));
}

let sums = 0;

async function play({ till }: Flows, { connection }: Company, draw: Draw): Promise<void> {
  if (!draw.over()) await stories[connection.provider]!(till(connection.id), draw);
}

/** Without faults and kills: every operation ends, or is settled by a person who knows the provider's ledger. */
async function rest(flows: Flows): Promise<void> {
  await calm(flows.world, flows.companies);
  const books = await booksOf(flows);
  for (const { id, state, connection } of books.rows)
    if (state === 'needs-review')
      await flows.till(connection).resolve(id, isBooked(books, id) ? 'executed' : 'not-executed');
}

/** Advances time here and at the provider until all holds have expired. */
async function endHolds({ world, companies }: Flows): Promise<void> {
  for (const company of companies) await company.control('clock', { offsetMs: LATER_MS });
  const live = `from holds where state in ('active','doubtful')`;
  const { source } = world.core.database;
  await source.query(
    `update holds set expires_at = least(expires_at, now()) where id in (select id ${live})`,
  );
  const left = async (): Promise<number> => (await source.query(`select count(*)::int as n ${live}`))[0].n;
  for (const end = performance.now() + 30_000; (await left()) > 0 && performance.now() < end;)
    await pause(200);
}

async function inTurn<T>(all: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
  let next = 0;
  const line = async () => {
    for (let nth = next++; nth < all.length; nth = next++) await run(all[nth]!);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, line));
}
