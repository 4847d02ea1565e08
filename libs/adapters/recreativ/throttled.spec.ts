import { describe, expect, it } from 'vitest';
import { Refusal } from '#canonical';
import { Unanswered } from '#adapter-kit';
import type { PlanRun, Steps } from '#adapter-kit';
import type { Stage } from '#adapter-kit/testing';
import { recreativ } from './recreativ.adapter.js';
import { does, extension, rub, stageOf } from './stage.testing.js';

/** A stage on which a write is sent again after a 429; its reads get these bodies, and its writes are counted. */
function again(...bodies: (object | undefined)[]) {
  const seen = { writes: 0 };
  const wire: Stage['wire'] = (answer, { method }) => {
    if (method !== 'GET') seen.writes++;
    const body = method === 'GET' ? bodies.shift() : undefined;
    return body ? { status: 200, headers: {}, body } : answer;
  };
  const { context, ...stage } = stageOf({}, wire);
  const stageAgain: Stage = { ...stage, context: { ...context, firstSentAt: context.now, repeated: true } };
  return { stage: stageAgain, seen };
}

describe('Recreativ: a change of balance behind a 429', () => {
  const ask = { refs: { userId: '6001' }, delta: rub('50.00') };
  const balance = (amount?: string) => ({ id: 6001, ...(amount && { balance: amount }) });

  it.each([
    ['was', balance('1250.5'), balance('1300.5')],
    ['may have been, by more than was asked for,', balance('1250.5'), balance('1250.51')],
    ['is not shown before, and', balance(), balance('1250.5')],
    ['is shown before, but not now, and', balance('1250.5'), balance()],
  ])('that %s changed is not sent again', (_how, before, after) => {
    const { stage, seen } = again(before, after);
    expect(() => does(stage, 'adjustBalance', ask)).toThrow(Unanswered);
    expect(seen.writes).toBe(0);
  });

  it('is sent again only if no other change of ours came between', () => {
    const { does: plan } = recreativ.operations.adjustBalance as { does: Steps };
    const run = plan.run(ask, again().stage.context) as PlanRun<unknown>;
    const shown = { balance: '1250.5' };
    const [, , change] = [run.next(), run.next(shown), run.next(shown)];
    expect(change.value).toMatchObject({ exchange: { name: 'change-balance' }, ifUnmoved: true });
  });

  it('that is shown as it was is sent again', () => {
    const { stage, seen } = again();
    expect(does(stage, 'adjustBalance', ask)).toEqual({ balanceAfter: rub('1300.50') });
    expect(seen.writes).toBe(1);
  });
});

describe('Recreativ: an offer behind a 429', () => {
  const body = { campaignId: '222', description: 'Эклер', url: 'https://coffee.example.ru/eclair' };
  const old = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ id: at + 1, title: 'Чай', url: 'https://t.ru' }));
  const listed = (offers: object[]) => ({ id: 222, offers });
  const ours = { id: 3003, title: body.description, url: body.url };

  it.each([
    ['it is listed now', old(2), [...old(2), ours]],
    ['it may be listed now', old(2), [...old(2), { ...ours, title: 'Новинка' }]],
    ['fewer offers are listed than before', old(2), old(1)],
    ['the list may be cut off', old(20), old(20)],
  ])('is not created again if %s', (_why, before, after) => {
    const { stage, seen } = again(listed(before), listed(after));
    expect(() => extension(stage, 'createOffer', { body })).toThrow(Unanswered);
    expect(seen.writes).toBe(0);
  });

  it.each([
    ['another is listed now', old(1), old(2)],
    ['only an equal one that was there before is listed', [ours], [ours]],
  ])('is created again if %s', (_why, before, after) => {
    const { stage, seen } = again(listed(before), listed(after));
    expect(extension(stage, 'createOffer', { body })).toEqual({ id: '3101' });
    expect(seen.writes).toBe(1);
  });
});

describe('Recreativ: a registration behind a 429', () => {
  it('that is refused for its login is looked up, although the list does not show it yet', () => {
    const { stage } = again();
    const taken = [{ field: 'user', message: 'Логин уже занят.' }];
    const wire: Stage['wire'] = (answer, { method }) =>
      method === 'GET' ? { ...answer, body: [] } : { status: 422, headers: {}, body: taken };
    const dina = { username: 'dina', email: 'dina@example.com' };
    expect(() => does({ ...stage, wire }, 'createCustomer', dina)).toThrow(Unanswered);
    expect(() => does(stageOf({}, wire), 'createCustomer', dina)).toThrow(Refusal);
  });
});
