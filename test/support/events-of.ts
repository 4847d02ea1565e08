import { OutboxStore } from '#persistence';
import type { StoredEvent } from '#persistence';
import type { World } from './world.js';

/** The events of a resource, newest first. */
export async function eventsOf(
  { core, tenantId }: Pick<World, 'core' | 'tenantId'>,
  resourceId: string,
): Promise<StoredEvent[]> {
  const all = await new OutboxStore().page(core.database.direct, tenantId, { limit: 1_000 });
  return all.filter(event => event.resourceId === resourceId);
}
