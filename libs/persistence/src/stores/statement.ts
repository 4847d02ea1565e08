import type { Tx } from '../database.js';

/** Runs an UPDATE/DELETE … RETURNING and gives its rows; TypeORM answers those with `[rows, count]`. */
export async function updated<Row = { id: string }>(
  tx: Tx,
  sql: string,
  parameters: unknown[],
): Promise<Row[]> {
  const answer = (await tx.query(sql, parameters)) as [Row[], number];
  return answer[0];
}

/** Says whether Postgres refused because of this unique index. */
export function isUniqueViolation(error: unknown, index: string): boolean {
  const cause = (error as { driverError?: { code?: string; constraint?: string } }).driverError;
  return cause?.code === '23505' && cause.constraint === index;
}
