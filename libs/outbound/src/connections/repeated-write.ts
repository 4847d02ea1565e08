import { Refusal } from '#canonical';
import type { ErrorCode } from '#canonical';
import type { Core } from '../core/core.js';
import { connectionWith } from './connection.js';
import type { OpenConnection } from './connection.js';

/** A write whose connection could not be opened: its key, and the id or slug that its sender named, if any. */
export interface RepeatedWrite {
  tenantId: string;
  idempotencyKey: string | undefined;
  named: string | undefined;
}

/** Refusals that say nothing of an earlier try: the connection was there when that one came. */
const SINCE_GONE: readonly ErrorCode[] = [
  'not-found',
  'connection-required',
  'connection-credentials-invalid',
];

/**
 * The connection of an earlier write with the same key, closed: what became of that write is told through it, and nothing new is
 * sent. Throws `refusal`, which came of opening the connection, where no such write is known.
 */
export async function connectionOfRepeat(
  core: Core,
  { tenantId, idempotencyKey, named }: RepeatedWrite,
  refusal: unknown,
): Promise<OpenConnection> {
  const gone = refusal instanceof Refusal && SINCE_GONE.includes(refusal.code);
  if (!gone || idempotencyKey === undefined) throw refusal;
  const { database, stores } = core;
  const known = await stores.idempotency.find(database.direct, tenantId, idempotencyKey);
  const operation = known?.operationId && (await stores.operations.byId(database.direct, known.operationId));
  const stored = operation && (await stores.connections.byId(database.direct, operation.connectionId));
  if (!stored || (named !== undefined && named !== stored.id && named !== stored.slug)) throw refusal;
  return { ...connectionWith(stored, {}), closed: refusal };
}
