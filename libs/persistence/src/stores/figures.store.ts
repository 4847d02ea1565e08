import type { Tx } from '../database.js';

/** Counts for an operator's metrics, over all tenants. */
export interface Figures {
  /** Operations that are unfinished or wait for a person. */
  operations: OpenOperations[];
  connections: { provider: string; state: string; count: number }[];
  subscriptions: { state: string; count: number }[];
  /** Lanes that refuse callers, and lanes whose provider is in trouble. */
  saturatedLanes: number;
  degradedLanes: number;
  /** Active holds past their expiry. */
  overdueHolds: number;
  doubtfulHolds: number;
  /** Events that are not fanned out yet. */
  waitingEvents: number;
  oldestEventSeconds: number;
  waitingDeliveries: number;
  /** Lateness of the most overdue delivery. */
  lateDeliverySeconds: number;
}

/** The operations of one lane, class and state. */
export interface OpenOperations {
  lane: string;
  laneClass: string;
  state: string;
  count: number;
  /** Age of the oldest of them since acceptance. */
  oldestSeconds: number;
}

/** Reads the counts, each from an index of open rows, so that history does not slow it down. */
export class FiguresStore {
  async read(tx: Tx): Promise<Figures> {
    const operations: OpenOperations[] = await tx.query(OPERATIONS);
    const connections: Figures['connections'] = await tx.query(
      `select provider, state, count(*)::int as count from connections where deleted_at is null group by 1, 2`,
    );
    const subscriptions: Figures['subscriptions'] = await tx.query(
      `select case when state = 'active' and failing_since is not null then 'failing' else state end as state,
         count(*)::int as count from subscriptions where state <> 'deleted' group by 1`,
    );
    const [numbers] = await tx.query(NUMBERS);
    return { operations, connections, subscriptions, ...numbers };
  }
}

const counted = `lane, lane_class, state, count(*)::int as count, ${ageOf('min(created_at)')} as oldest`;

// The index of operations for review begins with the tenant.
const OPERATIONS = `
  select lane, lane_class as "laneClass", state, count, oldest as "oldestSeconds" from (
    select ${counted} from operations where state in ('queued','dispatching','unknown') group by 1, 2, 3
    union all
    select review.* from tenants t cross join lateral (
      select ${counted} from operations where tenant_id = t.id and state = 'needs-review' group by 1, 2, 3) review) open`;

const NUMBERS = `
  select
    (select count(*)::int from lane_states where saturated_at is not null) as "saturatedLanes",
    (select count(*)::int from lane_states where degraded_until is not null) as "degradedLanes",
    (select count(*)::int from holds where state = 'active' and expires_at <= now()) as "overdueHolds",
    (select count(*)::int from holds where state = 'doubtful') as "doubtfulHolds",
    (select count(*)::int from events where fanned_out_at is null) as "waitingEvents",
    (select ${ageOf('min(created_at)')} from events where fanned_out_at is null) as "oldestEventSeconds",
    (select count(*)::int from deliveries where status = 'pending') as "waitingDeliveries",
    (select ${ageOf('min(next_at)')} from deliveries where status = 'pending') as "lateDeliverySeconds"`;

function ageOf(moment: string): string {
  return `greatest(0, coalesce(extract(epoch from now() - ${moment}), 0))::float8`;
}
