import { Inject, Injectable } from '@nestjs/common';
import type { LaneView } from '#canonical';
import { laneViews } from '#outbound';
import type { StoredConnection } from '#persistence';
import { LRUCache } from 'lru-cache';
import { CORE } from '../core.js';
import type { Core } from '../core.js';

/** However many watch the lanes of one tenant, the stores are asked once in this time, in milliseconds. */
const FRESH_MS = 900;
const CONNECTIONS_A_READ = 500;

/** The lanes of a tenant's connections, ordered by id. */
@Injectable()
export class TenantLanes {
  readonly #shared = new LRUCache<string, Promise<LaneView[]>>({ max: 1_000, ttl: FRESH_MS });

  constructor(@Inject(CORE) private readonly core: Core) {}

  async now(tenantId: string): Promise<LaneView[]> {
    const views = await laneViews(this.core, tenantId, await this.#connections(tenantId));
    return [...views.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  /** As `now`, or what another watcher has seen a moment ago. */
  lately(tenantId: string): Promise<LaneView[]> {
    const known = this.#shared.get(tenantId);
    if (known) return known;
    const fresh = this.now(tenantId);
    this.#shared.set(tenantId, fresh);
    // A failure is not cached: only the callers that share this request get it.
    fresh.catch(() => this.#shared.delete(tenantId));
    return fresh;
  }

  async #connections(tenantId: string): Promise<StoredConnection[]> {
    const { database, stores } = this.core;
    const all: StoredConnection[] = [];
    for (let before: string | undefined; ; before = all.at(-1)!.id) {
      const some = await stores.connections.list(database.direct, tenantId, {
        before,
        limit: CONNECTIONS_A_READ,
      });
      all.push(...some);
      if (some.length < CONNECTIONS_A_READ) return all;
    }
  }
}
