import { describe, expect, it } from 'vitest';
import { Till } from './till.testing.js';

/** A company with so many customers. UDS gives no cursor, and ignores `max` unless told otherwise. */
function companyOf(count: number, sizeOf: (max: number) => number = () => 10): Till {
  const till = new Till();
  till.wire = (answer, { path, query }) => {
    if (path !== '/customers') return answer;
    const from = Number(query.get('offset') ?? 0);
    const ids = Array.from({ length: count }, (_, index) => index + 1).slice(
      from,
      from + sizeOf(Number(query.get('max'))),
    );
    return { status: 200, body: { rows: ids.map(id => ({ participant: { id }, gender: 'male' })) } };
  };
  return till;
}

describe('the list of customers in pages that are smaller than requested', () => {
  it.each([0, 9, 10, 35])('does not end before its end, of %i', count => {
    const till = companyOf(count);
    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = till.does('listCustomers', { limit: 25, cursor });
      seen.push(...page.data.map(({ providerRefs }) => providerRefs['participantId']));
      cursor = page.next ?? undefined;
    } while (cursor);
    expect(seen).toEqual(Array.from({ length: count }, (_, index) => String(index + 1)));
  });
});

it('the list of customers does not end before the total that is told', () => {
  const till = companyOf(20, () => 7);
  const { wire } = till;
  till.wire = (answer, request) => {
    const page = wire!(answer, request);
    return request.path === '/customers'
      ? { ...page!, body: { ...(page!.body as object), total: 20 } }
      : page;
  };
  const first = till.does('listCustomers', { limit: 25 });
  expect(first).toMatchObject({ next: 'o7/1' });
  expect(till.does('listCustomers', { limit: 25, cursor: 'o14' }).next).toBeUndefined();
});

it('the list of customers ends where UDS ignores the offset and sends the same page again', () => {
  const till = new Till();
  const rows = Array.from({ length: 25 }, (_, at) => ({ participant: { id: at + 1 } }));
  till.wire = (answer, { path }) => (path === '/customers' ? { status: 200, body: { rows } } : answer);
  const first = till.does('listCustomers', { limit: 25 });
  expect(first.data).toHaveLength(25);
  const again = till.does('listCustomers', { limit: 25, cursor: first.next });
  expect([again.data, again.next]).toEqual([[], undefined]);
});

describe('a list of customers at the last offset of UDS', () => {
  it.each([10, 50])('ends with a short page of %i requested', limit => {
    const page = companyOf(10_000 + limit - 1, max => max).does('listCustomers', { limit, cursor: 'o10000' });
    expect(page.data).toHaveLength(limit - 1);
    expect(page.next).toBeUndefined();
  });

  it('does not end without saying so where there may be more', () => {
    for (const till of [companyOf(20_000), companyOf(20_000, max => max)]) {
      const cursor = till.does('listCustomers', { limit: 50, cursor: 'o10000' }).next!;
      expect(() => till.does('listCustomers', { limit: 50, cursor })).toThrow(
        expect.objectContaining({ code: 'capability-not-supported' }),
      );
    }
  });
});

it('a gender is read in any case', () => {
  expect(companyOf(1).does('listCustomers', { limit: 5 }).data).toMatchObject([{ gender: 'male' }]);
});
