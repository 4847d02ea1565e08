import { refusalAt } from '#canonical';
import { OUTBOUND_QUEUES } from '#outbound';
import type { QueueStore } from '#outbound';

/** The only tenant of a gateway with one merchant; its queue names contain no tenant. */
export const DEFAULT_TENANT_SLUG = 'default';

/** The internal queue that spreads subscriptions over processes. */
export const DELIVERIES_QUEUE = 'deliveries';

const OWN = 'loyalty.';
/** The gateway's internal queues: in Postgres they share a schema with the public ones. */
const INTERNAL = new Set([...OUTBOUND_QUEUES, DELIVERIES_QUEUE]);

// Slugs contain no dot, and `tenants` is no queue of the default tenant: the names of two tenants never collide.
const spaceOf = (slug: string): string => (slug === DEFAULT_TENANT_SLUG ? OWN : `${OWN}tenants.${slug}.`);

/** The BullMQ queue to which a tenant's backend adds its commands: `loyalty.commands` of the default tenant. */
export const commandQueueName = (slug: string): string => `${spaceOf(slug)}commands`;

/** The queue for commands that can never be executed, each with its problem document. */
export const deadCommandQueueName = (slug: string): string => `${commandQueueName(slug)}.dead`;

/** The BullMQ queue of a subscription: in the default tenant the chosen name, in others a name in the tenant's own namespace. */
export const eventQueueName = (slug: string, name: string): string =>
  slug === DEFAULT_TENANT_SLUG ? name : `${spaceOf(slug)}events.${name}`;

/** Throws 422 for a name that is reserved for the gateway or another tenant. */
export function assertQueueName(name: string): void {
  if (!name.startsWith(OWN) && !INTERNAL.has(name)) return;
  const detail = `${name} is reserved for the gateway: choose another name, and none that begins with \`${OWN}\`.`;
  throw refusalAt('/target/name', detail);
}

/** The store of the public queues: with BullMQ's own prefix, so that a plain `new Worker(name)` finds them. */
export const publicStore = (store: QueueStore): QueueStore =>
  'redisUrl' in store ? { ...store, prefix: store.prefix.replace('{loyalty}', 'bull') } : store;
