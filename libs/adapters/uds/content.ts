import { Unreadable, reader } from '#adapter-kit';
import type { Reader } from '#adapter-kit';

/** What an answer tells: UDS writes it bare; one envelope is opened, unless it denies what it holds. */
export function contentOf(body: unknown): Reader {
  const whole = reader(body);
  const inner = whole.at('data').record();
  if (inner && whole.at('success').flag() === false)
    throw new Unreadable('/success', 'denies what stands beside it');
  return inner ?? whole;
}

/** Where servers put the rows of a page; UDS says `rows`. */
const LISTS = ['rows', 'items', 'content', 'data', 'operations', 'customers'];

/** A page of a list: its rows, and what stands beside them. */
export interface PageRead {
  rows: Reader[];
  page: Reader;
  /** In the documented form, where an empty list surely means that there is nothing. */
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

/** A field under its name, or under the same in snake_case or PascalCase, as other JSON writers would have it. */
export function fieldOf(row: Reader, name: string): Reader {
  const snake = name.replace(/[A-Z]/g, capital => `_${capital.toLowerCase()}`);
  const pascal = name.charAt(0).toUpperCase() + name.slice(1);
  return [name, snake, pascal].map(written => row.at(written)).find(({ present }) => present) ?? row.at(name);
}
