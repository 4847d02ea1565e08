import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import type { OpenConnection } from '../connections/connection.js';
import { sweep } from '../jobs/sweep.js';
import { purchaseKind } from '../kinds/purchase.kind.js';
import { resolveOperation } from './decide-by-person.js';
import { reconcile } from './reconcile.js';

describe('a sale whose answer was lost, at a connection whose credentials do not open', () => {
  let world: World;
  let shop: OpenConnection;
  let id: string;
  const direct = () => world.core.database.direct;
  const stored = async () => (await world.core.stores.operations.byId(direct(), id))!;

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres', sandbox: { only: ['loyalclient'] } });
  });
  afterAll(() => world.close());

  beforeEach(async () => {
    shop = await world.connect('loyalclient');
    const body = {
      identifier: { type: 'phone', value: '+79001234567' },
      merchantReference: 'lost',
      receipt: { total: { amount: '10.00', currency: 'RUB' } },
    };
    id = (await world.write(purchaseKind, shop, { body, waitMs: 0 })).operationId!;
    await direct().query(
      `update operations set state = 'dispatching', outcome = 'unknown', write_sent = true, fence = 1,
         first_sent_at = now(), last_sent_at = now(), lease_until = now() - interval '1 s', wake_at = now() - interval '1 s'
       where id = $1`,
      [id],
    );
    await direct().query(`update connections set credentials = '\\x00' where id = $1`, [shop.id]);
  });

  it('becomes unknown when its process has ended', async () => {
    await sweep(world.core);
    expect(await stored()).toMatchObject({ state: 'unknown', outcome: 'unknown' });
  });

  it('is looked up on its schedule, and left to a person between the looks', async () => {
    await sweep(world.core);
    await reconcile(world.core, id).catch(() => undefined);
    expect(await stored()).toMatchObject({ state: 'unknown', leaseUntil: null, reconcile: { tries: 1 } });
    const person = { tenantId: world.tenantId, actor: 'key_1', actorName: 'Anna' };
    await resolveOperation(world.core, person, id, { outcome: 'executed', note: 'Seen in the books.' });
    expect(await stored()).toMatchObject({ outcome: 'executed', evidence: 'none' });
  });

  it('goes to a person when its schedule has ended', async () => {
    await sweep(world.core);
    await direct().query(
      `update operations set last_sent_at = now() - interval '25 h', reconcile = jsonb_set(reconcile, '{tries}', '8')
       where id = $1`,
      [id],
    );
    await reconcile(world.core, id);
    expect(await stored()).toMatchObject({ state: 'needs-review', outcome: 'unknown' });
  });

  it.each(['executed', 'not-executed'] as const)('can be settled by a person as %s', async outcome => {
    await sweep(world.core);
    const person = { tenantId: world.tenantId, actor: 'key_1', actorName: 'Anna' };
    await resolveOperation(world.core, person, id, { outcome, note: 'Seen in the books.' });
    expect(await stored()).toMatchObject({ outcome, evidence: 'none' });
  });
});
