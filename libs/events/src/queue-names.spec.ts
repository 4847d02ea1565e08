import { readFileSync } from 'node:fs';
import { Refusal } from '#canonical';
import { describe, expect, it } from 'vitest';
import { assertQueueName, commandQueueName, deadCommandQueueName, eventQueueName } from './queue-names.js';

const page = readFileSync('docs/events.md', 'utf8');

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
    'pumps',
    'deliveries',
  ])('refuses %s as the target of a subscription, as the page on events says', name => {
    expect(() => assertQueueName(name)).toThrow(Refusal);
    const [reserved] = /Reserved are names .+$/m.exec(page)!;
    expect(reserved).toContain(name.startsWith('loyalty.') ? '`loyalty.`' : `\`${name}\``);
  });

  it('does not tell the owner of a reserved name without `loyalty.` that it begins so', () =>
    expect(() => assertQueueName('operations')).toThrow(/reserved for the gateway: choose another name/));
});
