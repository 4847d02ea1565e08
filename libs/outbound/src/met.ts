import { newId } from '#canonical';
import type { IdPrefix } from '#canonical';
import type { StoredRecord, Tx } from '#persistence';
import type { OpenConnection } from './connection.js';
import type { Core } from './core.js';

type Body = Record<string, unknown>;

/** A kind of thing that providers list and that keeps one id of ours. */
export interface Listed {
  /** The records' type, and the resource's in events. */
  type: string;
  prefix: IdPrefix;
  /** First part of the event that a changed status is told with. */
  eventPrefix?: string;
}

/** One thing of a provider's list. */
export interface Seen {
  providerRef: string;
  customerId?: string;
  /** What is remembered of it, given what was remembered before; nothing personal. */
  remember?(before: Body | undefined): Body;
}

/** A thing that we have met, with what is remembered of it now. */
export interface Met {
  id: string;
  operationId: string | null;
  body: Body;
}

/** Gives each thing of a provider's list its id of ours, writes down what is new of it, and tells of a status that changed since the last look. */
export async function meet(
  core: Core,
  connection: OpenConnection,
  listed: Listed,
  seen: readonly Seen[],
): Promise<Map<string, Met>> {
  const refs = seen.map(({ providerRef }) => providerRef);
  const known = byRef(
    await core.stores.records.byProviderRefs(core.database.direct, connection.id, listed.type, refs),
  );
  const fresh = seen.filter(one => !saysNothingNew(one, known.get(one.providerRef)));
  if (fresh.length === 0) return known;
  const learnt = await core.database.transaction(tx => learn({ core, tx, connection, listed }, fresh));
  return new Map([...known, ...learnt]);
}

/** What a view says of a thing that we have met. */
export const ours = ({ id, operationId }: Met): Pick<Met, 'id'> & { operationId?: string } => ({
  id,
  ...(operationId ? { operationId } : {}),
});

interface Lesson {
  core: Core;
  tx: Tx;
  connection: OpenConnection;
  listed: Listed;
}

async function learn({ core, tx, connection, listed }: Lesson, seen: Seen[]): Promise<Map<string, Met>> {
  const { records, events } = core.stores;
  // Always in one order, so that two readers of one list do not wait for each other crosswise.
  const sorted = seen.toSorted((a, b) => (a.providerRef < b.providerRef ? -1 : 1));
  const refs = sorted.map(({ providerRef }) => providerRef);
  const before = byRef(await records.lockByProviderRefs(tx, connection.id, listed.type, refs));
  const owner = { tenantId: connection.tenantId, connectionId: connection.id };
  const learnt = new Map<string, Met>();
  for (const { providerRef, customerId, remember } of sorted) {
    const was = before.get(providerRef);
    const body = remember?.(was?.body) ?? {};
    const row = { ...owner, id: newId(listed.prefix), type: listed.type, providerRef, customerId, body };
    const { id } = await records.remember(tx, row);
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

function saysNothingNew({ remember }: Seen, known: Met | undefined): boolean {
  if (!known) return false;
  return Object.entries(remember?.(known.body) ?? {}).every(([name, value]) => known.body[name] === value);
}

const byRef = (records: readonly StoredRecord[]): Map<string, Met> =>
  new Map(records.map(({ providerRef, id, operationId, body }) => [providerRef!, { id, operationId, body }]));
