import { Refusal } from '#canonical';
import type { QueueStore } from '#outbound';

/** The tenant that a gateway with one merchant has; its queues carry no tenant in their names. */
export const DEFAULT_TENANT_SLUG = 'default';

const OWN = 'loyalty.';
/** The gateway's own queues: in Postgres they stand in the same schema as those for others. */
const INTERNAL = new Set(['operations', 'hold-expiry', 'pumps', 'deliveries']);

// Neither a slug nor `tenants` holds a dot or is a queue of the default tenant's: no two tenants can meet.
const spaceOf = (slug: string): string => (slug === DEFAULT_TENANT_SLUG ? OWN : `${OWN}tenants.${slug}.`);

/** The BullMQ queue that a tenant's backend puts its commands into: `loyalty.commands` of the default tenant. */
export const commandQueueName = (slug: string): string => `${spaceOf(slug)}commands`;

/** Where commands go that can never be carried out, each with its problem document. */
export const deadCommandQueueName = (slug: string): string => `${commandQueueName(slug)}.dead`;

/** The BullMQ queue behind a subscription: of the default tenant the one it named, of others one in the tenant's own space. */
export const eventQueueName = (slug: string, name: string): string =>
  slug === DEFAULT_TENANT_SLUG ? name : `${spaceOf(slug)}events.${name}`;

/** Throws 422 for a name that belongs to the gateway or to another tenant. */
export function assertQueueName(name: string): void {
  if (!name.startsWith(OWN) && !INTERNAL.has(name)) return;
  const detail = `${name} is a queue of the gateway’s own; choose a name that does not begin with \`${OWN}\`.`;
  throw new Refusal('validation-failed', {
    detail,
    errors: [{ pointer: '/target/name', code: 'validation-failed', detail }],
  });
}

/** Where queues stand that others read and write: under BullMQ's own prefix, so that a plain `new Worker(name)` finds them. */
export const publicStore = (store: QueueStore): QueueStore =>
  'redisUrl' in store ? { ...store, prefix: store.prefix.replace('{loyalty}', 'bull') } : store;
