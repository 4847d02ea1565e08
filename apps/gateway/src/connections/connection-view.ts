import { registry } from '#adapters';
import type { Connection, ConnectionCheck, LaneView } from '#canonical';
import { laneViews } from '#outbound';
import type { StoredConnection, Tx } from '#persistence';
import type { Core } from '../core.js';
import { capabilitiesOf } from '../providers/capabilities.js';

/** Connections as the API shows them: everything but their credentials. */
export async function connectionViews(
  core: Core,
  tenantId: string,
  stored: readonly StoredConnection[],
  tx?: Tx,
): Promise<Connection[]> {
  const lanes = await laneViews(core, tenantId, stored, tx);
  return stored.map(one => view(one, lanes.get(one.lane)!));
}

/** One connection as the API shows it; `tx` where it was written in one that is still open. */
export async function connectionView(core: Core, stored: StoredConnection, tx?: Tx): Promise<Connection> {
  const [only] = await connectionViews(core, stored.tenantId, [stored], tx);
  return only!;
}

function view(stored: StoredConnection, lane: LaneView): Connection {
  const { requestsPerSecond } = stored;
  return {
    id: stored.id,
    provider: stored.provider,
    slug: stored.slug,
    ...(stored.name !== null && { name: stored.name }),
    state: stored.state,
    baseUrl: stored.baseUrl,
    settings: stored.settings,
    ...(requestsPerSecond !== null && { rateLimit: { requestsPerSecond } }),
    capabilities: capabilitiesOf(registry[stored.provider]!.adapter, stored.settings),
    lane,
    ...(stored.lastCheck && { lastCheck: stored.lastCheck as unknown as ConnectionCheck }),
    createdAt: stored.createdAt.toISOString(),
    updatedAt: stored.updatedAt.toISOString(),
  };
}
