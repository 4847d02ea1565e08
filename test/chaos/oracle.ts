import { purchaseKind, submit } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { World } from '../support/world.js';
import type { Company } from './companies.js';
import type { ChildWrite } from './child.js';

/** How writes ended, compared with what happened at the provider. */
export interface Tally {
  succeeded: number;
  rejected: number;
  review: number;
  /** Accepted, but neither final nor in review. */
  lost: number;
  /** More than one effect for one intent. */
  doubled: number;
  /** Reported done but not done, or the reverse. */
  wrong: number;
}

/** What identifies an intent's effect: the reference if the provider keeps it, else the unique sum. */
export async function effectsOf({ journal }: Company): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { effect } of await journal()) {
    if (effect?.type !== 'purchase') continue;
    const intent = effect.key ?? `${Number(effect.data?.['amount'])}`;
    counts.set(intent, (counts.get(intent) ?? 0) + 1);
  }
  return counts;
}

const PATIENCE_MS = 90_000;
const TURN_MS = 5_000;

/** Repeats every write until it is final, then compares. */
export async function tallyOf(
  world: World,
  connection: OpenConnection,
  {
    writes,
    acknowledged,
    effects,
  }: {
    writes: ChildWrite[];
    acknowledged: ReadonlySet<string>;
    effects(): Promise<Map<string, number>>;
  },
): Promise<Tally> {
  const states = await inTurns(writes, write => endOf(world, connection, write));
  const found = await effects();
  const tally: Tally = { succeeded: 0, rejected: 0, review: 0, lost: 0, doubled: 0, wrong: 0 };
  for (const [index, write] of writes.entries()) {
    const state = states[index];
    const body = write.body as { merchantReference: string; receipt: { total: { amount: string } } };
    const count = found.get(body.merchantReference) ?? found.get(`${Number(body.receipt.total.amount)}`) ?? 0;
    if (state === 'succeeded') tally.succeeded++;
    else if (state === 'needs-review') tally.review++;
    else if (state === 'rejected') tally.rejected++;
    else if (acknowledged.has(write.key)) tally.lost++;
    const wrong = (state === 'succeeded' && count !== 1) || (state === 'rejected' && count !== 0);
    if (count > 1) tally.doubled++;
    if (wrong) tally.wrong++;
    if (wrong || count > 1 || (state !== 'succeeded' && state !== 'rejected'))
      await tellStory(world, connection, { write, count });
  }
  return tally;
}

/** Prints the timelines of a write that came to an end to which no crash may lead. */
async function tellStory(
  { core }: World,
  connection: OpenConnection,
  { write, count }: { write: ChildWrite; count: number },
): Promise<void> {
  const { merchantReference } = write.body as { merchantReference: string };
  const timelines = await core.database.source.query(
    `select o.id, o.attempts, o.repeats, o.reconcile, json_agg(e order by e.id) as timeline
     from operations o join operation_events e on e.operation_id = o.id
     where o.connection_id = $1 and o.merchant_reference = $2 group by o.id`,
    [connection.id, merchantReference],
  );
  console.log(JSON.stringify({ effects: count, timelines }, undefined, 1));
}

/** Few at a time: each waiting client also polls, and a thousand would starve the processes under test. */
const AT_ONCE = 4;

async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const place = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]!);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, place));
  return results;
}

async function endOf(
  world: World,
  connection: OpenConnection,
  { body, key }: ChildWrite,
): Promise<string | undefined> {
  const { core } = world;
  const end = performance.now() + PATIENCE_MS;
  for (let state: string | undefined; ;) {
    const answer = await submit(core, {
      kind: purchaseKind,
      connection,
      body,
      params: {},
      idempotencyKey: key,
      waitMs: TURN_MS,
    });
    state = (await core.stores.operations.byId(core.database.direct, answer.operationId!))?.state;
    if (answer.status !== 202 || state === 'needs-review' || performance.now() > end) return state;
  }
}
