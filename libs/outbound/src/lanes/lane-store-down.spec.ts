import { expect, it } from 'vitest';
import { isStoreAway } from '#persistence';
import { LaneStoreDown } from './lanes.js';

it('a lane store that does not answer is a store that is away, whatever the error says', () => {
  const error = new LaneStoreDown(undefined);
  error.message = 'worded anew';
  expect(isStoreAway(error)).toBe(true);
});
