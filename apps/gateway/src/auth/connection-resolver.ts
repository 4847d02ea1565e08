import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '#canonical';
import { connectionOfRepeat, openConnection } from '#outbound';
import type { OpenConnection, RepeatedWrite } from '#outbound';
import type { StoredConnection } from '#persistence';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import type { RequestTiming } from '../http/timing.js';
import type { Caller } from './caller.js';

const NO_SUCH_CONNECTION =
  'There is no such connection. `Gateway-Connection` takes the id or slug of one that `GET /v1/connections` lists.';

const DEFAULT_GONE =
  'The default connection of this API key was deleted: name another one with `Gateway-Connection`, or use a key with another default.';

const NO_CONNECTION = 'There is no connection to a provider yet: create one with `POST /v1/connections`.';

/** The connection of a request's resource, and what the request says of it. */
interface OfResource {
  connectionId: string;
  /** The value of the `Gateway-Connection` header. */
  named: string | undefined;
  /** Of a write that may have a merchant reference. */
  body?: unknown;
}

/** The request for a resource: a write's `Intent`, or how a read is `Asked`. */
interface ForResource {
  /** It is told the lane, for the `RateLimit` header. */
  timing: Pick<RequestTiming, 'uses'>;
  /** Of a write. */
  idempotencyKey?: string;
}

/** Finds the connection that a request uses. */
@Injectable()
export class ConnectionResolver {
  constructor(@Inject(CORE) private readonly core: Core) {}

  /** By the `Gateway-Connection` header; else the key's default; for a key without one the tenant's only one; else 400 `connection-required`. */
  async open(caller: Caller, named: string | undefined): Promise<OpenConnection> {
    this.core.loadShedder.assertRoom();
    return {
      ...openConnection(this.core, await this.#find(caller, named)),
      unnamed: named === undefined,
    };
  }

  /** The id of the connection that a list is narrowed to, where the header names one. */
  async idOf(caller: Caller, named: string | undefined): Promise<string | undefined> {
    return named === undefined ? undefined : (await this.#named(caller, named)).id;
  }

  /** The connection that a resource belongs to, opened; a header that names another one is 404. With a write’s key and body, also `ofRepeat`. */
  async forResource(
    caller: Caller,
    resource: OfResource,
    { timing, idempotencyKey }: ForResource,
  ): Promise<OpenConnection> {
    this.core.loadShedder.assertRoom();
    const connection = await this.#own(caller, resource).catch(refusal =>
      this.ofRepeat(caller, { ...resource, idempotencyKey }, refusal),
    );
    timing.uses(connection.lane);
    return connection;
  }

  async #own(
    caller: Caller,
    { named, connectionId }: Pick<OfResource, 'named' | 'connectionId'>,
  ): Promise<OpenConnection> {
    await this.agree(caller, named, connectionId);
    return openConnection(this.core, await this.#named(caller, connectionId));
  }

  /** The closed connection of an earlier write with the same key or merchant reference, should `refusal` have come of opening this one's; throws `refusal` without such a write. */
  ofRepeat(
    { tenantId, defaultConnectionId }: Caller,
    repeated: Omit<RepeatedWrite, 'tenantId'>,
    refusal: unknown,
  ): Promise<OpenConnection> {
    const usual = repeated.named === undefined ? defaultConnectionId : null;
    const { connectionId = usual ?? undefined } = repeated;
    return connectionOfRepeat(this.core, { ...repeated, tenantId, connectionId }, refusal);
  }

  /** Only looks whether the header contradicts the resource's connection, which may have been deleted since; throws 404. */
  async agree(caller: Caller, named: string | undefined, connectionId: string): Promise<void> {
    if (named === undefined || named === connectionId) return;
    const meant = await this.#named(caller, named);
    if (meant.id !== connectionId) throw new Refusal('not-found');
  }

  async #find(caller: Caller, named: string | undefined): Promise<StoredConnection> {
    if (named !== undefined) return this.#named(caller, named);
    return caller.defaultConnectionId === null ? this.#only(caller) : this.#usual(caller);
  }

  async #named(caller: Caller, idOrSlug: string): Promise<StoredConnection> {
    const found = await this.core.stores.connections.find(
      this.core.database.direct,
      caller.tenantId,
      idOrSlug,
    );
    if (!found) throw new Refusal('not-found', { detail: NO_SUCH_CONNECTION });
    return found;
  }

  // Never the tenant's only one in its place: a sale must not be booked at another account than the till's.
  async #usual({ tenantId, defaultConnectionId }: Caller): Promise<StoredConnection> {
    const { database, stores } = this.core;
    const found = await stores.connections.find(database.direct, tenantId, defaultConnectionId!);
    if (!found) throw new Refusal('connection-required', { detail: DEFAULT_GONE });
    return found;
  }

  async #only({ tenantId }: Caller): Promise<StoredConnection> {
    const [one, other] = await this.core.stores.connections.list(this.core.database.direct, tenantId, {
      limit: 2,
    });
    if (!one) throw new Refusal('connection-required', { detail: NO_CONNECTION });
    if (other) throw new Refusal('connection-required');
    return one;
  }
}
