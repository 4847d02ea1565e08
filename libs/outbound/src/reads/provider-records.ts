import { newId } from '#canonical';
import type { IdPrefix } from '#canonical';
import type { StoredRecord, Tx } from '#persistence';
import { belongingTo } from '../connections/connection.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';

type Body = Record<string, unknown>;

/** A kind of thing that providers list and that gets an id of ours. */
export interface RecordKind {
  /** The records' type, and the resource's in events. */
  type: string;
  prefix: IdPrefix;
  /** First part of the event for a changed status. */
  eventPrefix?: string;
}

/** A list of a provider. */
interface Listed extends RecordKind {
  /** Postgres's time before the provider was asked: what was stored later may be newer than this list. */
  askedAt?: Date;
}

/** One item of a provider's list. */
interface ListedItem {
  providerRef: string;
  customerId?: string;
  /** What to store of it, given what is stored already; nothing personal. */
  remember?(before: Body | undefined): Body;
}

/** An item with its id of ours and what is stored of it. */
export interface ProviderRecord {
  id: string;
  operationId: string | null;
  body: Body;
  updatedAt?: Date;
}

/** Gives each item of a provider's list an id of ours, stores what is new, and emits an event for each status that changed since the last look. */
export async function syncRecords(
  core: Core,
  connection: OpenConnection,
  listed: Listed,
  seen: readonly ListedItem[],
): Promise<Map<string, ProviderRecord>> {
  const refs = seen.map(({ providerRef }) => providerRef);
  const known = byRef(
    await core.stores.records.byProviderRefs(core.database.direct, connection.id, listed.type, refs),
  );
  const fresh = seen.filter(one => !isUnchanged(one, known.get(one.providerRef)));
  if (fresh.length === 0) return known;
  const learnt = await core.database.transaction(tx => saveChanged({ core, tx, connection, listed }, fresh));
  return new Map([...known, ...learnt]);
}

/** Our ids, for the item's view. */
export const recordIds = ({
  id,
  operationId,
}: ProviderRecord): Pick<ProviderRecord, 'id'> & { operationId?: string } => ({
  id,
  ...(operationId ? { operationId } : {}),
});

interface SaveContext {
  core: Core;
  tx: Tx;
  connection: OpenConnection;
  listed: Listed;
}

async function saveChanged(
  { core, tx, connection, listed }: SaveContext,
  seen: ListedItem[],
): Promise<Map<string, ProviderRecord>> {
  const { records, events } = core.stores;
  // Always in the same order: two readers of one list must not deadlock.
  const sorted = seen.toSorted((a, b) => (a.providerRef < b.providerRef ? -1 : 1));
  const refs = sorted.map(({ providerRef }) => providerRef);
  const before = byRef(await records.lockByProviderRefs(tx, connection.id, listed.type, refs));
  const owner = belongingTo(connection);
  const learnt = new Map<string, ProviderRecord>();
  for (const { providerRef, customerId, remember } of sorted) {
    const was = before.get(providerRef);
    if (was && isNewer(was, listed)) {
      learnt.set(providerRef, was);
      continue;
    }
    const body = remember?.(was?.body) ?? {};
    const row = { ...owner, id: newId(listed.prefix), type: listed.type, providerRef, customerId, body };
    const id = await records.remember(tx, row);
    learnt.set(providerRef, { id, operationId: was?.operationId ?? null, body: { ...was?.body, ...body } });
    const { status } = body;
    if (!listed.eventPrefix || was?.body['status'] === undefined || was.body['status'] === status) continue;
    await events.append(tx, {
      ...owner,
      type: `${listed.eventPrefix}.${String(status)}`,
      resourceType: listed.type,
      resourceId: id,
      data: { state: status },
    });
  }
  return learnt;
}

/** Another list, asked later, may have been answered earlier: two looks in the wrong order are no change. */
const isNewer = ({ updatedAt }: ProviderRecord, { askedAt }: Listed): boolean =>
  askedAt !== undefined && updatedAt !== undefined && updatedAt > askedAt;

function isUnchanged({ remember }: ListedItem, known: ProviderRecord | undefined): boolean {
  if (!known) return false;
  return Object.entries(remember?.(known.body) ?? {}).every(([name, value]) => known.body[name] === value);
}

const byRef = (records: readonly StoredRecord[]): Map<string, ProviderRecord> =>
  new Map(
    records.map(({ providerRef, id, operationId, body, updatedAt }) => [
      providerRef!,
      { id, operationId, body, updatedAt },
    ]),
  );
