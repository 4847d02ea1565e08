import { expect, it } from 'vitest';
import { Turnstile } from './turnstile.js';

/** Steps that end when they are told to, in the order in which they were let in. */
function crowd(turnstile: Turnstile) {
  const inside: { name: string; end(): void; fail(error: Error): void }[] = [];
  const enter = (name: string, precedence = false) =>
    turnstile.pass(precedence, () => {
      return new Promise<string>((resolve, fail) => inside.push({ name, end: () => resolve(name), fail }));
    });
  return { inside, enter };
}

it('lets only so many in at once, and those with precedence before others', async () => {
  const { inside, enter } = crowd(new Turnstile(2));
  const names = ['first', 'second', 'third', 'urgent'];
  const passed = names.map(name => enter(name, name === 'urgent'));
  expect(inside.map(step => step.name)).toEqual(['first', 'second']);
  for (let left = 0; left < names.length; left++) {
    await expect.poll(() => inside.length).toBeGreaterThan(left);
    inside[left]!.end();
  }
  expect(await Promise.all(passed)).toEqual(names);
  expect(inside.map(step => step.name)).toEqual(['first', 'second', 'urgent', 'third']);
});

it('turns everybody away with the failure of one, and lets newcomers in again', async () => {
  const { inside, enter } = crowd(new Turnstile(1));
  const passed = Promise.allSettled([enter('first'), enter('second'), enter('third', true)]);
  const failure = new Error('down');
  inside[0]!.fail(failure);
  const turnedAway = { status: 'rejected', reason: failure };
  expect(await passed).toEqual([turnedAway, turnedAway, turnedAway]);
  const newcomer = enter('newcomer');
  inside[1]!.end();
  expect(await newcomer).toBe('newcomer');
});
