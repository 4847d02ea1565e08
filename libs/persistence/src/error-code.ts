/** The code by which Postgres or the socket names an error, also behind TypeORM's; empty without one. */
export function codeOf(error: unknown): string {
  const { driverError, code } = error as { driverError?: { code?: string }; code?: string };
  return driverError?.code ?? code ?? '';
}

/** Whether Postgres rolled a transaction back because it and another one waited for each other. */
export const isDeadlock = (error: unknown): boolean => codeOf(error) === '40P01';
