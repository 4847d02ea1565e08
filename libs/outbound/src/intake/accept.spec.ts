import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import type { OpenConnection } from '../connections/connection.js';
import { LOOKS } from '../core/load-shedder.js';
import type { Kind } from '../kinds/kind.js';
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
afterEach(() => {
  overload(0);
  vi.restoreAllMocks();
});
afterAll(() => world.close());

const saleOf = (merchantReference: string) => ({
  identifier: { type: 'code', value: '123456' },
  merchantReference,
  receipt: { total: { amount: '10.00', currency: 'RUB' } },
});

/** Time enough for a request to be looked at, as far as nothing keeps it back. */
async function someTime() {
  for (let look = 0; look < 5; look++) await world.core.database.direct.query('select 1');
}

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
  const body = saleOf(by);
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
  await someTime();
  answered.open();
  const [{ operationId }, told] = await Promise.all([first, again]);
  expect(told).toMatchObject({ status, operationId });
});

it('a repeat that stood behind its like has what that left of its wait', async () => {
  const body = saleOf('behind');
  const [asking, answered] = [gate(), gate()];
  const waits: number[] = [];
  const kind: Kind = {
    ...purchaseKind,
    readFirst: (_core, _connection, { waitMs }) => {
      waits.push(waitMs!);
      return async () => {
        asking.open();
        await answered.opened;
      };
    },
  };
  const first = world.write(kind, shop, { body, key: 'behind key-1', waitMs: 25_000 });
  await asking.opened;
  const again = world.write(kind, shop, { body, key: 'behind key-2', waitMs: 25_000 });
  await someTime();
  const really = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => really() + 20_000);
  answered.open();
  await Promise.all([first, again]);
  expect(waits).toHaveLength(2);
  expect(waits[1]).toBeLessThanOrEqual(5_000);
});
