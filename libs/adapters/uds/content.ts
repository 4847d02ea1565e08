import { Unreadable, reader } from '#adapter-kit';
import type { Reader } from '#adapter-kit';

/** The content of an answer. UDS sends it without an envelope; one is unwrapped, unless it says `success: false`. */
export function contentOf(body: unknown): Reader {
  const whole = reader(body);
  const inner = whole.at('data').record();
  if (inner && whole.at('success').flag() === false)
    throw new Unreadable('/success', 'contradicts the rest of the answer');
  return inner ?? whole;
}

/** The usual names for the rows of a page; UDS uses `rows`. */
const LISTS = ['rows', 'items', 'content', 'data', 'operations', 'customers'];

/** The rows of a page if UDS ignores the requested number. */
export const USUAL_PAGE_SIZE = 10;

/** A page of a list: its rows, and the object around them. */
export interface PageRead {
  rows: Reader[];
  page: Reader;
  /** The page has the documented form: an empty list certainly means that there are no rows. */
  documented: boolean;
}

/** The rows of a page, in `rows`, under another usual name, or as a bare list. */
export function pageRowsOf(body: unknown): PageRead {
  const page = contentOf(body);
  const list = Array.isArray(page.value)
    ? page
    : (LISTS.map(name => fieldOf(page, name)).find(({ value }) => Array.isArray(value)) ?? page.at('rows'));
  return { rows: list.needList(), page, documented: list.pointer.endsWith('/rows') };
}

/** A field by its name, also in snake_case or PascalCase, in which other JSON serialisers would write it. */
export function fieldOf(row: Reader, name: string): Reader {
  const snake = name.replace(/[A-Z]/g, capital => `_${capital.toLowerCase()}`);
  const pascal = name.charAt(0).toUpperCase() + name.slice(1);
  return [name, snake, pascal].map(written => row.at(written)).find(({ present }) => present) ?? row.at(name);
}
