import { reader } from '#adapter-kit';
import type { WireAnswer } from '#adapter-kit';
import { contentOf } from './content.js';

/** Yii's default page size. */
export const YII_PAGE = 20;

/** A longer list is not read: each page takes a slot of the lane. */
export const MOST_PAGES = 50;

interface Paging {
  current?: number;
  pages?: number;
  /** The number of rows on all pages, and on a full one. */
  total?: number;
  size?: number;
}

/** What an answer tells of its pages: Yii does in headers, or in the `_meta` of an envelope around the rows. */
export function paging(answer: WireAnswer): Paging {
  const meta = reader(contentOf(answer)).at('_meta');
  const number = (header: string, name: string) => {
    const text = answer.headers[`x-pagination-${header}`] ?? meta.at(name).text() ?? '';
    return /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;
  };
  return {
    current: number('current-page', 'currentPage'),
    pages: number('page-count', 'pageCount'),
    total: number('total-count', 'totalCount'),
    size: number('per-page', 'perPage'),
  };
}

/** Whether the number of pages is unknown. */
export const isBare = (answer: WireAnswer): boolean =>
  paging(answer).pages === undefined && answer.headers['link'] === undefined;

/** Whether a full page does not end at the number of rows that is told: then the number of pages may be wrong as well. */
export function contradict(
  { total, size }: Pick<Paging, 'total' | 'size'>,
  page: number,
  came: number,
): boolean {
  if (total === undefined || size === undefined || came < size) return false;
  return total !== (page - 1) * size + came;
}

/** Whether a list without pages may have been cut: as many rows as a usual limit. What it does not show may be there. */
export const mayBeCut = (rows: number): boolean => rows === YII_PAGE || (rows > 0 && rows % 50 === 0);
