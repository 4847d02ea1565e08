import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld } from '../../../test/support/world.js';
import type { World } from '../../../test/support/world.js';
import { createSubscription, openEvents } from './index.js';
import type { EventCore } from './index.js';

describe('subscriptions', () => {
  let world: World;
  let events: EventCore;

  beforeAll(async () => {
    world = await startWorld();
    events = openEvents(world);
  });
  afterAll(async () => {
    await events.close();
    await world.close();
  });

  it('are made many at once: none waits for a second connection while it holds one', async () => {
    const names = Array.from({ length: 20 }, (_, at) => `queue-${at}`);
    const made = await Promise.all(
      names.map(name =>
        world.core.database.transaction(tx =>
          createSubscription(events, tx, world.tenantId, {
            target: { type: 'queue', name },
            events: ['purchase.*'],
          }),
        ),
      ),
    );

    expect(made.map(({ target }) => target.name)).toEqual(names);
    expect(made.every(({ queue }) => queue !== undefined)).toBe(true);
  });
});
