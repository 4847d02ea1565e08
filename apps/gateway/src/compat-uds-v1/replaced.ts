import type { OpenConnection } from '#outbound';
import type { Core } from '../core.js';
import { COMES_BACK_MS } from './doubt.js';

/** The ids of connections that were deleted a moment ago and whose place this one took, newest first: tills repeat as before what they sent over them. */
export const replacedBy = ({ database, stores }: Core, connection: OpenConnection): Promise<string[]> =>
  stores.connections.replacedBy(database.direct, connection, {
    seconds: COMES_BACK_MS / 1_000,
    anySlug: connection.unnamed ?? false,
  });
