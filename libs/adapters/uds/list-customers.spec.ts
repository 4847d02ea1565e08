import { describe, expect, it } from 'vitest';
import { Till } from './till.testing.js';

/** A company with so many customers. UDS ignores `max`, gives 10 a page, and no cursor. */
function companyOf(count: number): Till {
  const till = new Till();
  till.wire = (answer, { path, query }) => {
    if (path !== '/customers') return answer;
    const from = Number(query.get('offset') ?? 0);
    const ids = Array.from({ length: count }, (_, index) => index + 1).slice(from, from + 10);
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

it('a gender is read in any case', () => {
  expect(companyOf(1).does('listCustomers', { limit: 5 }).data).toMatchObject([{ gender: 'male' }]);
});
