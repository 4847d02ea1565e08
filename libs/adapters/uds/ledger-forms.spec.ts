import { Unanswered } from '#adapter-kit';
import { describe, expect, it } from 'vitest';
import { sale, Till } from './till.testing.js';

type Row = Record<string, unknown>;
type Form = (page: { rows: Row[]; total?: number; cursor?: unknown }) => unknown;

/** A till with a booked purchase, at a UDS that sends its ledger in another form. */
function bookedThenTold(form: Form): Till {
  const till = new Till();
  till.wire = (answer, { method }) => (method === 'POST' ? undefined : answer);
  expect(() => till.buys(sale())).toThrow(Unanswered);
  return telling(till, form);
}

function telling(till: Till, form: Form): Till {
  till.wire = (answer, { method, path }) =>
    method === 'GET' && path === '/operations'
      ? { ...answer, body: form(answer.body as { rows: Row[] }) }
      : answer;
  return till;
}

const renamed = (value: unknown, name: (key: string) => string): unknown => {
  if (Array.isArray(value)) return value.map(item => renamed(item, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [name(key), renamed(inner, name)]));
};
const snake = (key: string) => key.replace(/[A-Z]/g, capital => `_${capital.toLowerCase()}`);
const pascal = (key: string) => key.charAt(0).toUpperCase() + key.slice(1);

describe('the ledger of UDS in another form', () => {
  it.each<[string, Form]>([
    ['as a bare list', ({ rows }) => rows],
    ['under `items`', ({ rows }) => ({ items: rows })],
    ['under `content`', ({ rows, total }) => ({ content: rows, total })],
    ['under `data`', ({ rows }) => ({ success: true, data: rows })],
    ['in snake_case', page => renamed(page, snake)],
    ['in PascalCase', page => renamed(page, pascal)],
  ])('tells a purchase whose answer was lost: %s', (_how, form) => {
    const verdict = bookedThenTold(form).judges(sale(), { repeats: 1 });
    expect(verdict).toMatchObject({ verdict: 'executed', evidence: 'strong' });
  });

  it.each<[string, Form]>([
    ['a bare list of nothing', () => []],
    ['nothing under `data`', () => ({ data: [] })],
    ['fewer rows than it counts, and no way on', () => ({ rows: [], total: 5, cursor: null })],
    ['a list with the page inside', page => [page]],
    [
      'rows with the operation inside',
      ({ rows }) => ({ rows: [{ total: 0, operation: rows[0] }], cursor: null }),
    ],
  ])('proves no absence by %s', (_how, form) => {
    const verdict = telling(new Till(), form).judges(sale(), { repeats: 1 });
    expect(verdict).toMatchObject({ verdict: 'inconclusive' });
  });
});
