import { IsText } from './fields.js';
import { IsAnything, IsParts, type Class } from './parts.js';

/** One page of a list. */
export type List<T> = { data: T[]; nextCursor: string | null; raw?: unknown };

/**
 * The class of a page of `type`, for the OpenAPI document: `class PurchaseList extends listOf(Purchase) {}`. Lists are
 * newest first unless `order` says something else.
 */
export function listOf<T extends object>(type: Class<T>, order = 'Newest first.'): Class<List<T>> {
  class Page {
    @IsParts(() => type, { description: order })
    data!: T[];

    @IsText({
      nullable: true,
      max: 4096,
      description: 'The `cursor` of the next page; null = this is the last page.',
      example: null,
    })
    nextCursor!: string | null;
  }
  return Page;
}

/** The order of a list that a provider keeps: its rows are passed on as they come. */
export const providersOrder = 'In the provider’s order, which is not everywhere newest first.';

/** Like `listOf`, for a list kept by a provider, whose own answer can be included. */
export function providerListOf<T extends object>(type: Class<T>): Class<List<T>> {
  class Page extends listOf(type, providersOrder) {
    @IsAnything({ description: 'The provider’s answer, redacted; with `?include=raw`.' })
    override raw?: unknown;
  }
  return Page;
}
