import type { GatewayEvent } from '#canonical';
import type { StoredEvent } from '#persistence';

/** An event as the API, webhooks and queues show it: thin, and identical wherever and however often it is read. */
export const messageOf = ({ id, type, createdAt, sequence, data }: StoredEvent): GatewayEvent => ({
  id,
  type,
  timestamp: createdAt.toISOString(),
  sequence,
  data,
});
