import { Refusal } from '#canonical';
import { describe, expect, it } from 'vitest';
import { assertQueueName, commandQueueName, deadCommandQueueName, eventQueueName } from './queue-names.js';

describe('queue names', () => {
  it('are the documented ones for the default tenant', () => {
    expect(commandQueueName('default')).toBe('loyalty.commands');
    expect(deadCommandQueueName('default')).toBe('loyalty.commands.dead');
    expect(eventQueueName('default', 'shop-events')).toBe('shop-events');
  });

  it('never collide between two tenants, whatever their slugs and queues are called', () => {
    const slugs = ['default', 'dead', 'commands', 'events', 'tenants', 'a', 'a-commands'];
    const names = ['commands', 'commands.dead', 'events.x', 'x', 'tenants.a.commands', 'a.events.x'];
    const reached = slugs.flatMap(slug => [
      commandQueueName(slug),
      deadCommandQueueName(slug),
      ...names.map(name => eventQueueName(slug, name)),
    ]);
    expect(new Set(reached).size).toBe(reached.length);
  });

  it.each([
    'loyalty.commands',
    'loyalty.commands.dead',
    'loyalty.tenants.a.commands',
    'operations',
    'hold-expiry',
    'deliveries',
  ])('refuses %s as the target of a subscription', name =>
    expect(() => assertQueueName(name)).toThrow(Refusal),
  );
});
