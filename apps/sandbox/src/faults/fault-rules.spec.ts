import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { faults } from './fault-names.js';
import { FaultRules } from './fault-rules.js';
import type { FaultRule } from './fault-rules.js';

const purchase = { provider: 'uds', method: 'POST', path: '/operations', reused: false };

const drawn = (rules: FaultRules, times: number): string =>
  Array.from({ length: times }, () => (rules.draw(purchase) ? 'x' : '.')).join('');

describe('draws', () => {
  it('fall the same for the same seed, and otherwise for another', () => {
    const ofSeed = (seed: number) => {
      const rules = new FaultRules();
      rules.add({ fault: 'commit-then-reset', probability: 0.3, seed });
      return drawn(rules, 200);
    };
    expect(ofSeed(7)).toBe(ofSeed(7));
    expect(ofSeed(7)).not.toBe(ofSeed(8));
  });

  it('come about as often as they should', () => {
    const rules = new FaultRules(3);
    rules.add({ fault: 'commit-then-reset', probability: 0.3 });
    const hits = drawn(rules, 2_000).replaceAll('.', '').length;
    expect(hits).toBeGreaterThan(520);
    expect(hits).toBeLessThan(680);
  });

  it('fall to the first rule that fits and is not used up', () => {
    const rules = new FaultRules();
    rules.add({ fault: 'slow', method: 'GET' });
    rules.add({ fault: 'redirect', count: 2 });
    rules.add({ fault: '502-html' });
    const order = [1, 2, 3].map(() => rules.draw(purchase)?.fault);
    expect(order).toEqual(['redirect', 'redirect', '502-html']);
  });
});

describe('keepalive-close', () => {
  it('are refused with a member that no rule has, instead of striking other calls', () => {
    const rules = new FaultRules();
    const rule = { fault: 'commit-then-500', path: '/operations' } as unknown as FaultRule;
    expect(() => rules.add(rule)).toThrow('a rule has no "path"; it may have: fault, provider');
    expect(rules.list()).toEqual([]);
  });

  it('waits for a connection that was used before, and is not used up by others', () => {
    const rules = new FaultRules();
    rules.add({ fault: 'keepalive-close', count: 1 });
    expect(rules.draw(purchase)).toBeUndefined();
    expect(rules.draw({ ...purchase, reused: true })?.fault).toBe('keepalive-close');
  });
});

describe('removal', () => {
  it('takes one rule, the rules of a provider, or all', () => {
    const rules = new FaultRules();
    const { id } = rules.add({ fault: 'slow' });
    rules.add({ fault: 'redirect', provider: 'uds' });
    rules.add({ fault: '502-html', provider: 'pp' });
    const names = () => rules.list().map(({ fault }) => fault);
    rules.remove({ provider: 'uds' });
    expect(names()).toEqual(['slow', '502-html']);
    rules.remove({ id });
    expect(names()).toEqual(['502-html']);
    rules.remove();
    expect(names()).toEqual([]);
  });
});

it('the README tells of every fault in the same words', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const told = [...readme.matchAll(/^\| `([a-z0-9-]+)` +\| (.*?) +\|$/gm)].map(([, name, about]) => [
    name,
    about,
  ]);
  expect(told).toEqual(Object.entries(faults));
});
