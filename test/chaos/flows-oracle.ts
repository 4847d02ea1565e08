import type { JournalLine } from '../support/world.js';
import type { Flows } from './flows.js';
import type { Wanted } from './flow-till.js';
import { NEVER_SENT, add, booksOf, operationIn } from './flow-books.js';
import type { Books, Row } from './flow-books.js';

/** The result of comparing rows, answers and reads with the journals. */
export interface FlowsReport {
  /** Operations by provider, kind and state. */
  states: Record<string, number>;
  effects: number;
  /** Violations; empty = none. */
  violations: string[];
}

/** Compares every operation, answer, event and read of a run with the journals of the providers. */
export async function reportOf(flows: Flows): Promise<FlowsReport> {
  const books = await booksOf(flows);
  const violations = [
    ...operations(books),
    ...answers(flows.wanted, books),
    ...(await sums(flows, books)),
    ...(await holds(flows, books)),
    ...(await events(flows)),
  ];
  const states: Record<string, number> = {};
  for (const { provider, kind, state } of books.rows) {
    const ended = `${provider} ${kind} ${state}`;
    states[ended] = (states[ended] ?? 0) + 1;
  }
  return { states, effects: [...books.effects.values()].flat().length, violations };
}

/** At most one effect per intent, one for success, none for failure; every operation is final. */
function operations({ rows, effects, intents }: Books): string[] {
  const groups = new Map<string, Row[]>([...effects.keys()].map(intent => [intent, []]));
  for (const row of rows) if (hasEffect(row)) add(groups, intents.get(row.id)!, row);
  return [...groups].flatMap(([intent, its]) => {
    const found = effects.get(intent)?.length ?? 0;
    const told = its.map(({ id, kind, state }) => `${kind} ${id} is ${state}`).join(', ');
    const done = its.filter(({ state }) => state === 'succeeded').length;
    const ended = its.every(({ state }) => [...NEVER_SENT, 'succeeded'].includes(state));
    if (!ended) return [`${told}: it never ends`];
    // LoyalClient accepts the release of a hold that no longer exists.
    const least = its[0]?.kind === 'releaseHold' ? 0 : done;
    return found > 1 || found < least || found > done ? [`${told}; ${intent} has ${found} effects`] : [];
  });
}

/** Holds at UDS are kept by the gateway and leave no journal line. */
const hasEffect = ({ provider, kind }: Row): boolean =>
  !(provider === 'uds' && ['createHold', 'releaseHold'].includes(kind));

function answers(wanted: readonly Wanted[], { rows }: Books): string[] {
  const states = new Map(rows.map(row => [row.id, row.state]));
  return wanted.flatMap(({ path, intent, key, answers: told }) =>
    told.flatMap((answer, nth) => {
      if (path.endsWith('/release')) return [];
      const { status, body } = answer;
      const state = states.get(operationIn(answer) ?? '');
      const said = `${path} (${intent}, ${key}) was answered ${status} ${body?.code ?? ''}`;
      if (status < 202 && state !== 'succeeded') return [`${said}, and is ${state}`];
      if (status >= 400 && state && !NEVER_SENT.includes(state)) return [`${said}, and is ${state}`];
      if (status === 202 && nth === told.length - 1) return [`${said} at the end, and is ${state}`];
      return [];
    }),
  );
}

/** Reads of purchases and refunds match the provider's ledger. */
async function sums({ till }: Flows, { rows, effects, intents }: Books): Promise<string[]> {
  const sold = rows.filter(({ kind, state }) => kind === 'createPurchase' && state === 'succeeded');
  const found = await Promise.all(
    sold.map(async row => {
      const { body } = await till(row.connection).read(`/v1/purchases/${row.resource}`);
      const [booked] = effects.get(intents.get(row.id)!) ?? [];
      const given = [...effects]
        .flatMap(([intent, lines]) =>
          intent.startsWith(`${row.connection} back ${booked?.effect?.id} `) ? lines : [],
        )
        .map(({ effect }) => -Math.round(Number(effect!.data!['total']) * 100))
        .reduce((sum, amount) => sum + amount, 0);
      const total = Math.round(Number(body.receipt.total.amount) * 100);
      const said = `${row.id}, of which ${given} of ${total} kopecks were given back, says`;
      return [
        ...(given > total ? [`${row.id}: ${given} of ${total} kopecks were given back`] : []),
        ...(Math.round(Number(body.refunds.refunded.amount) * 100) === given &&
        Number(body.refunds.inDoubt.amount) === 0
          ? []
          : [`${said} ${JSON.stringify(body.refunds)}`]),
        ...differences(body.result, booked),
      ];
    }),
  );
  return found.flat();
}

function differences(result: any, booked: JournalLine | undefined): string[] {
  const { id, data } = booked?.effect ?? {};
  // Settled by a person: no figures are known.
  if (!result || !data) return [];
  const says = [result.payable.amount, result.redeemedPoints, result.earnedPoints].map(Number);
  const was = [
    data['cash'] ?? data['total'],
    data['redeemed'] ?? data['spend'],
    data['earned'] ?? data['earn'],
  ];
  const same = says.every((figure, nth) => figure === Number(was[nth]));
  return same ? [] : [`${id}: ${JSON.stringify(result)} was ${JSON.stringify(data)}`];
}

/** Every hold has ended, and its state says how. */
async function holds({ world, till }: Flows, { effects }: Books): Promise<string[]> {
  const rows: { id: string; connection: string; number: string | null }[] =
    await world.core.database.source.query(
      `select id, connection_id as connection, provider_refs->>'holdId' as number from holds`,
    );
  const found = await Promise.all(
    rows.map(async ({ id, connection, number }) => {
      const { body } = await till(connection).read(`/v1/holds/${id}`);
      const released = effects.has(`${connection} release ${number}`);
      const captured = [...effects].some(
        ([intent, [line]]) => intent.startsWith(connection) && number && namesAndEnds(line!, number),
      );
      if (!['consumed', 'released', 'expired'].includes(body.state))
        return [`${id} is ${body.state} for ever`];
      if (released && captured) return [`${id} was released and captured`];
      if (body.state === 'consumed' && released) return [`${id} is consumed, and was released`];
      if (body.state === 'released' && captured) return [`${id} is released, and was captured`];
      return [];
    }),
  );
  return found.flat();
}

const namesAndEnds = ({ effect, body }: JournalLine, number: string): boolean =>
  effect!.type === 'purchase' &&
  ((effect!.data?.['endedHolds'] as string[] | undefined) ?? []).includes(number) &&
  (JSON.parse(body!).hold ?? []).includes(number);

/** Event sequences have no gaps, and the last event tells the outcome. */
async function events({ world }: Flows): Promise<string[]> {
  const { source } = world.core.database;
  const gaps: { id: string }[] = await source.query(
    `select resource_id as id from events group by tenant_id, resource_id having count(*) <> max(sequence) or min(sequence) <> 1`,
  );
  const untold: { id: string; state: string; told: string | null }[] = await source.query(
    `with ends as (
       select id, state, 'operation.' || case when evidence = 'none' and state in ('succeeded','rejected') and reconcile is not null
         then 'resolved' else state end as told from operations
       union all select p.id, o.state, 'purchase.' || o.state from purchases p join operations o on o.id = p.operation_id
       union all select r.id, o.state, 'refund.' || o.state from refunds r join operations o on o.id = r.operation_id
       union all select h.id, h.state, 'hold.' || h.state from holds h
         where exists (select 1 from events e where e.resource_id = h.id))
     select ends.id, ends.state, (select e.type from events e where e.resource_id = ends.id order by e.sequence desc limit 1) as told
     from ends where ends.told is distinct from
       (select e.type from events e where e.resource_id = ends.id order by e.sequence desc limit 1)`,
  );
  return [
    ...gaps.map(({ id }) => `the events of ${id} have a gap`),
    ...untold.map(({ id, state, told }) => `${id} is ${state}, and its last event says ${told}`),
  ];
}
