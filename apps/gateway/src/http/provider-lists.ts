import { Injectable } from '@nestjs/common';
import type { List, Page } from '#canonical';
import type { OpenConnection, ReadTerms } from '#outbound';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../auth/caller.js';
import { Cursors } from './cursors.js';
import { withRaw } from './raw.js';

/** Query parameters of every report of a provider, besides its own filters. */
export interface ReportWish {
  include?: 'raw';
  /** Seconds; a cached answer is returned only if this is given. */
  maxStaleness?: number;
}

/** The same of a list. */
export interface ListWish extends ReportWish {
  limit: number;
  cursor?: string;
}

/** The list, its caller and its connection. */
export interface ListPlace {
  caller: Caller;
  connection: OpenConnection;
  list: string;
  waitMs: number;
  timing: NonNullable<ReadTerms['timing']>;
}

/** Where the next page starts. */
interface Position {
  /** The adapter's cursor of the provider's page; absent = the first. */
  mark?: string;
  /** Rows of that page already returned, and the limit it was requested with: some providers return more. */
  shown: number;
  size?: number;
}

const KEPT_LISTS = 1_000;
const KEPT_MS = 3_600_000;

/** Provider lists in pages: wraps the provider's cursors in opaque ones, and caches answers for callers that accept them. */
@Injectable()
export class ProviderLists {
  readonly #kept = new LRUCache<string, { at: number; answer: object }>({ max: KEPT_LISTS, ttl: KEPT_MS });

  constructor(private readonly cursors: Cursors) {}

  /** One page; `read` gets the adapter's cursor and the limit. */
  page<Wish extends ListWish, View>(
    place: ListPlace,
    wish: Wish,
    read: (wish: Wish & { limit: number; cursor?: string }, terms: ReadTerms) => Promise<Page<View>>,
  ): Promise<List<View>> {
    return this.recent(place, wish, async () => {
      const bound = {
        caller: place.caller,
        list: `${place.connection.id} ${place.list}`,
        query: bindingOf(wish),
      };
      const limit = wish.limit;
      const { mark, shown, size = limit } = this.cursors.read<Position>(bound) ?? { shown: 0 };
      const asked = { ...wish, limit: size, cursor: mark };
      const terms = { waitMs: place.waitMs, timing: place.timing };
      const page = await withRaw(place.connection, wish.include, seen => read(asked, { ...terms, seen }));
      const { data, next, ...rest } = page;
      const upTo = shown + limit;
      const follows: Position | undefined =
        data.length > upTo
          ? { mark, shown: upTo, size }
          : next === undefined
            ? next
            : { mark: next, shown: 0 };
      return {
        data: data.slice(shown, upTo),
        nextCursor: follows ? this.cursors.make(bound, follows) : null,
        ...rest,
      };
    });
  }

  /** A page of a list that the provider returns whole; each page reads it again. */
  slice<View>(
    place: ListPlace,
    wish: ListWish,
    read: (terms: ReadTerms) => Promise<View[]>,
  ): Promise<List<View>> {
    return this.page(place, wish, async ({ limit, cursor = '0' }, terms) => {
      const rows = (await read(terms)).slice(Number(cursor));
      const more = rows.length > limit && { next: String(Number(cursor) + limit) };
      return { data: rows.slice(0, limit), ...more };
    });
  }

  /** Drops the cached answers of a connection, when a customer is forgotten. */
  forget(connectionId: string): void {
    for (const key of this.#kept.keys()) {
      if ((JSON.parse(key) as unknown[])[0] === connectionId) this.#kept.delete(key);
    }
  }

  /** A report without pages: the cached answer if the caller accepts one, else what `read` gets. */
  async recent<T extends object>(place: ListPlace, wish: ReportWish, read: () => Promise<T>): Promise<T> {
    // Raw answers are not cached: up to a thousand answers are kept, and one may have megabytes.
    if (!wish.maxStaleness || wish.include === 'raw') return read();
    const key = JSON.stringify([
      ...sourceOf(place.connection),
      place.list,
      { ...wish, maxStaleness: undefined },
    ]);
    const kept = this.#kept.get(key);
    if (kept && performance.now() - kept.at <= wish.maxStaleness * 1000) return kept.answer as T;
    const answer = await read();
    this.#kept.set(key, { at: performance.now(), answer });
    return answer;
  }
}

/** What an answer is read from: its connection first, and what of it may change. The lane names the account. */
const sourceOf = ({ id, lane, baseUrl, settings }: OpenConnection): unknown[] => [
  id,
  lane.fingerprint,
  baseUrl,
  settings,
];

// Parameters that affect only the answer are not part of the cursor's binding.
const bindingOf = ({ include: _include, maxStaleness: _staleness, ...filters }: ListWish): ListWish =>
  filters;
