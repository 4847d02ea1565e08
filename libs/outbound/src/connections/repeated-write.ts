import { Refusal } from '#canonical';
import type { ErrorCode } from '#canonical';
import type { StoredConnection, StoredOperation } from '#persistence';
import type { Core } from '../core/core.js';
import { connectionWith } from './connection.js';
import type { OpenConnection } from './connection.js';

/** A write whose connection could not be opened, and by what an earlier one like it is found. */
export interface RepeatedWrite {
  tenantId: string;
  idempotencyKey: string | undefined;
  /** Its sender has no keys: whoever accepts it finds the earlier one by its connection and content. */
  derivesKey?: boolean;
  /** The id or slug that its sender named, if any. */
  named: string | undefined;
  /** The connection of the resource that it is about. */
  connectionId?: string;
  /** Its body, as it was sent: a `merchantReference` is the connection's own and outlives the key. */
  body?: unknown;
}

/** Refusals that say nothing of an earlier try: the connection was there when that one came. */
const SINCE_GONE: readonly ErrorCode[] = [
  'not-found',
  'connection-required',
  'connection-credentials-invalid',
];

/**
 * The connection of an earlier write with the same key or merchant reference, closed: what became of that write is told through it,
 * and nothing new is sent. Throws `refusal`, which came of opening the connection, where no such write is known.
 */
export async function connectionOfRepeat(
  core: Core,
  write: RepeatedWrite,
  refusal: unknown,
): Promise<OpenConnection> {
  const gone = refusal instanceof Refusal && SINCE_GONE.includes(refusal.code);
  if (!gone || (write.idempotencyKey === undefined && !write.derivesKey)) throw refusal;
  const { operation, connection } = await byKey(core, write);
  const stored = connection ?? (await (write.derivesKey ? everNamed(core, write) : byReference(core, write)));
  if (!stored) throw operation ? unlessOver(refusal, operation) : refusal;
  return { ...connectionWith(stored, {}), closed: refusal };
}

/** The refusal of a request whose key is another connection's operation: unless that one ended without an effect, it does not say that nothing was done, and tells where to look. */
export function unlessOver(
  { code, members, detail }: Refusal,
  { id, finishedAt, outcome }: StoredOperation,
): Refusal {
  if (finishedAt && outcome === 'not-executed') return new Refusal(code, members);
  return new Refusal(code, {
    ...members,
    detail: `${detail} An earlier request with this key was accepted over another connection than the one named now: GET /v1/operations/${id} tells what became of it. A new key could execute it a second time.`,
    outcome: 'unknown',
    operationId: id,
  });
}

const isNamed = ({ id, slug }: StoredConnection, named: string | undefined): boolean =>
  named === undefined || named === id || named === slug;

async function byKey(
  { database, stores }: Core,
  { tenantId, idempotencyKey, named }: RepeatedWrite,
): Promise<{ operation?: StoredOperation; connection?: StoredConnection }> {
  if (idempotencyKey === undefined) return {};
  const known = await stores.idempotency.find(database.direct, tenantId, idempotencyKey);
  const operation = known?.operationId && (await stores.operations.byId(database.direct, known.operationId));
  if (!operation) return {};
  const stored = await stores.connections.byId(database.direct, operation.connectionId);
  return { operation, ...(stored && isNamed(stored, named) && { connection: stored }) };
}

async function byReference(core: Core, write: RepeatedWrite): Promise<StoredConnection | undefined> {
  const reference = (write.body as { merchantReference?: unknown } | null | undefined)?.merchantReference;
  if (typeof reference !== 'string') return undefined;
  const { database, stores } = core;
  const stored = await everNamed(core, write);
  const standing =
    stored && (await stores.operations.byReference(database.direct, stored.id, undefined, reference));
  return standing ? stored : undefined;
}

async function everNamed(
  { database, stores }: Core,
  { tenantId, named, connectionId = named }: RepeatedWrite,
): Promise<StoredConnection | undefined> {
  if (connectionId === undefined) return undefined;
  const stored = await stores.connections.everNamed(database.direct, tenantId, connectionId);
  return stored && isNamed(stored, named) ? stored : undefined;
}
