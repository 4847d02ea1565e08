import type { GatewayEvent } from '#canonical';
import type { StoredEvent } from '#persistence';

/** An event as the API, webhooks and queues show it: thin, the same wherever it is read and however often. */
export const messageOf = ({ id, type, createdAt, sequence, data }: StoredEvent): GatewayEvent => ({
  id,
  type,
  timestamp: createdAt.toISOString(),
  sequence,
  data,
});
