import { afterAll, beforeAll, expect, it } from 'vitest';
import { openOneConnection } from '../../../test/support/one-connection.js';
import type { OneConnection } from '../../../test/support/one-connection.js';
import { OneAddress1764000000017 } from './migrations/17-one-address.js';

let one: OneConnection;

beforeAll(async () => {
  one = await openOneConnection(2);
});
afterAll(() => one.close());

it.each([
  ['HTTPS://Shop.Example:443', 'https://shop.example'],
  ['https://shop.example/Path', 'https://shop.example/Path'],
  ['http://127.0.0.1:3001/pp', 'http://127.0.0.1:3001/pp'],
  ['not a url', 'not a url'],
])('the stored address %s becomes %s', async (typed, address) => {
  const { source, direct } = one.database;
  await direct.query('update connections set base_url = $1', [typed]);
  const runner = source.createQueryRunner();
  await new OneAddress1764000000017().up(runner);
  await runner.release();
  expect(await direct.query('select base_url from connections')).toEqual([{ base_url: address }]);
});
