import { Inject, Injectable } from '@nestjs/common';
import { refusalAt } from '#canonical';
import type { List } from '#canonical';
import { SealBroken } from '#persistence';
import type { Caller } from '../auth/caller.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';

/** What a cursor is bound to: it reads nowhere else. */
export interface CursorPlace {
  caller: Pick<Caller, 'tenantId'>;
  /** The list's name: `purchases`. */
  list: string;
  /** The validated query; `limit` and `cursor` in it do not bind. A connection's id belongs in here where the list has one. */
  query: { limit?: number; cursor?: string };
}

/** Where our own lists go on. */
export interface PageStart {
  /** Only rows whose id is smaller. */
  before?: string;
  /** One more than the page has, to see whether there is a next one. */
  limit: number;
}

/** Opaque cursors: sealed, so that they cannot be read, changed or used with another list. */
@Injectable()
export class Cursors {
  constructor(@Inject(CORE) private readonly core: Core) {}

  /** The position in a request's cursor, if it has one; 400 for a cursor that was altered or belongs elsewhere. */
  read<Position>(place: CursorPlace): Position | undefined {
    const { cursor } = place.query;
    if (cursor === undefined) return undefined;
    try {
      return this.core.vault.open<Position>('cursor', ownerOf(place), Buffer.from(cursor, 'base64url'));
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      const detail =
        'This cursor does not belong to this list with these filters. Start again without a cursor.';
      throw refusalAt('/query/cursor', detail, 'invalid-parameter');
    }
  }

  make(place: CursorPlace, position: unknown): string {
    return this.core.vault.seal('cursor', ownerOf(place), position).toString('base64url');
  }

  /** One page of rows of ours, newest first. */
  async page<Row extends { id: string }, View>(
    place: CursorPlace & { query: { limit: number } },
    fetch: (start: PageStart) => Promise<readonly Row[]>,
    view: (row: Row) => View | Promise<View>,
  ): Promise<List<View>> {
    const limit = place.query.limit;
    const rows = await fetch({ before: this.read<string>(place), limit: limit + 1 });
    const shown = rows.slice(0, limit);
    const data: View[] = [];
    for (const row of shown) data.push(await view(row));
    return { data, nextCursor: rows.length > limit ? this.make(place, shown.at(-1)!.id) : null };
  }
}

function ownerOf({ caller, list, query }: CursorPlace): string {
  const filters = Object.entries(query)
    .filter(([name, value]) => name !== 'limit' && name !== 'cursor' && value !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([caller.tenantId, list, filters]);
}
