import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import type { OpenConnection } from '../connections/connection.js';
import { LOOKS } from '../core/load-shedder.js';
import { purchaseKind } from '../kinds/purchase.kind.js';

let world: World;
let shop: OpenConnection;
const overload = (lateMs: number) => {
  for (let look = 0; look < LOOKS; look++) world.core.loadShedder.noteLag(lateMs);
};

beforeAll(async () => {
  world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
  shop = await world.connect('uds');
});
afterEach(() => overload(0));
afterAll(() => world.close());

/** A promise and what resolves it. */
function gate() {
  let open!: () => void;
  const opened = new Promise<void>(resolve => (open = resolve));
  return { opened, open };
}

it.each([
  { by: 'key', key: 'key-1', status: 201 },
  { by: 'reference', key: 'key-2', status: 200 },
])('a repeat by its $by is told of the first, which is just being accepted', async ({ by, key, status }) => {
  const receipt = { total: { amount: '10.00', currency: 'RUB' } };
  const body = { identifier: { type: 'code', value: '123456' }, merchantReference: by, receipt };
  const [asking, answered] = [gate(), gate()];
  const readFirst = () => async () => {
    asking.open();
    await answered.opened;
  };
  const first = world.write({ ...purchaseKind, readFirst }, shop, { body, key: `${by} key-1` });
  await asking.opened;
  // New work would be refused now, as not executed.
  overload(30_000);
  const again = world.write(purchaseKind, shop, { body, key: `${by} ${key}` });
  // Time enough for it to look and be refused.
  for (let look = 0; look < 5; look++) await world.core.database.direct.query('select 1');
  answered.open();
  const [{ operationId }, told] = await Promise.all([first, again]);
  expect(told).toMatchObject({ status, operationId });
});
