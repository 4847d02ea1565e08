import type { Tx } from '../database.js';
import { codeOf } from '../error-code.js';

/** Runs an UPDATE/DELETE … RETURNING and returns its rows; TypeORM returns `[rows, count]`. */
export async function updated<Row = { id: string }>(
  tx: Tx,
  sql: string,
  parameters: unknown[],
): Promise<Row[]> {
  const [rows] = (await tx.query(sql, parameters)) as [Row[], number];
  return rows;
}

/** Runs an UPDATE/DELETE and returns how many rows it changed. */
export async function countChanged(tx: Tx, sql: string, parameters: unknown[]): Promise<number> {
  const [, count] = (await tx.query(sql, parameters)) as [unknown[], number];
  return count;
}

/** Whether an UPDATE/DELETE changed a row: the answer of every conditional change of state. */
export const changed = async (tx: Tx, sql: string, parameters: unknown[]): Promise<boolean> =>
  (await countChanged(tx, sql, parameters)) > 0;

const names = new Map<string, string>();

/** The row of a raw statement with camelCase names (`created_at` → `createdAt`). */
export function rowOf<Row>(raw: Record<string, unknown>): Row {
  const row: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(raw)) {
    let name = names.get(column);
    if (name === undefined) {
      name = column.replace(/_[a-z]/g, part => part[1]!.toUpperCase());
      names.set(column, name);
    }
    row[name] = value;
  }
  return row as Row;
}

/** Whether Postgres refused because of this unique index, or of any. */
export function isUniqueViolation(error: unknown, index?: string): boolean {
  const cause = (error as { driverError?: { code?: string; constraint?: string } }).driverError;
  return cause?.code === '23505' && (index === undefined || cause.constraint === index);
}

/** What a statement may expect of its rows (`expected` in Postgres); where it is not met, the whole transaction is refused. */
export type Expectation = 'in-turn' | 'live-claim' | 'nothing-else' | 'remembered' | 'same-lane';

/** Whether Postgres refused a statement because this was not met. */
export function isUnmet(error: unknown, what: Expectation): boolean {
  const cause = (error as { driverError?: { code?: string; constraint?: string } }).driverError;
  return cause?.code === 'LG001' && cause.constraint === what;
}

// Unique and foreign key violations, deadlock, and statements in a transaction that one of them aborted.
const CONFLICTS = ['23505', '23503', '40P01', '25P02'];

/** Whether Postgres refused because of existing or concurrent rows, so that reading again and retrying makes sense. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.includes(codeOf(error));
}
