import type { Tx } from '../database.js';
import { OPERATION_COLUMNS } from './operation-row.js';
import type { StoredOperation } from './operation-row.js';
import { changed, rowOf, updated } from './statement.js';

/** The current owner of an operation: every later write checks both, so that a stale process writes nothing. */
export interface Claim {
  id: string;
  fence: number;
}

/** How long a row that was taken over is its taker's, in milliseconds: nothing is sent meanwhile, so it covers only the statement that ends the taking over, and its repeats while Postgres is away. */
const TAKEN_OVER_MS = 10_000;

/** SQL: how long a claimed row is its process's; it wakes when its lease ends, since by then that is taken for dead. */
export const leasedFor = (ms: string): string =>
  `lease_until = now() + ${ms} * interval '1 millisecond', wake_at = now() + ${ms} * interval '1 millisecond'`;

/** How long claimed operations are their process's, and what becomes of them when it dies. */
export class LeaseStore {
  /** Renews the lease during a step that only reads; false = another process took over. */
  async renew(tx: Tx, claim: Claim, leaseMs: number): Promise<boolean> {
    return changed(
      tx,
      `update operations set ${leasedFor('$3')} where id = $1 and fence = $2 and state in ('dispatching','unknown')`,
      [claim.id, claim.fence, leaseMs],
    );
  }

  /** The same for all that a process works on, also where the lease has ended while Postgres was away: whoever takes a row increases its fence. A row that is being written is left to that. */
  async renewAll(tx: Tx, claims: readonly Claim[], leaseMs: number): Promise<void> {
    await tx.query(
      `update operations set ${leasedFor('$3')} where id in (
         select o.id from operations o join unnest($1::text[], $2::int[]) as held (id, fence) on o.id = held.id and o.fence = held.fence
         where o.state in ('dispatching','unknown') and o.lease_until is not null for update of o skip locked)`,
      [claims.map(({ id }) => id), claims.map(({ fence }) => fence), leaseMs],
    );
  }

  /** A dispatching row whose owner's lease ended: taken over by conditional UPDATE, the fence increases. */
  async takeOver(tx: Tx, id: string): Promise<{ claim: Claim; row: StoredOperation } | null> {
    const [taken] = await updated<Record<string, unknown>>(
      tx,
      `update operations set fence = fence + 1, ${leasedFor('$2')}
       where id = $1 and state = 'dispatching' and lease_until < now() returning ${OPERATION_COLUMNS}`,
      [id, TAKEN_OVER_MS],
    );
    const row = taken && rowOf<StoredOperation>(taken);
    return row ? { claim: { id, fence: row.fence }, row } : null;
  }
}
