import { expect, it } from 'vitest';
import { Journal } from './journal.js';

const entry = { at: '', startedMs: 0, provider: 'uds', method: 'GET', path: '/', query: '' };

it('keeps the newest entries and their numbers when it is full', () => {
  const journal = new Journal(40);
  for (let call = 0; call < 100; call += 1) journal.open(entry);
  const kept = journal.list({}).map(({ seq }) => seq);
  expect(kept).toEqual(Array.from({ length: 40 }, (_, index) => 61 + index));
});

it('goes on counting after it was cleared', () => {
  const journal = new Journal();
  journal.open(entry);
  journal.clear();
  expect(journal.open(entry).seq).toBe(2);
});
