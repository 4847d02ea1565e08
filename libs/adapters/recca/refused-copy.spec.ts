import { describe, expect, it } from 'vitest';
import { Unanswered } from '#adapter-kit';
import { Refusal } from '#canonical';
import type { LeadAsk } from '#canonical';
import { play } from '#adapter-kit/testing';
import type { Stage } from '#adapter-kit/testing';
import { createConversion } from './conversions.js';
import { createLead } from './create-lead.js';
import { createCustomer } from './customers.js';
import { recca } from './recca.adapter.js';
import { reccaSimulator } from './simulator.js';
import { context, saleTo } from './story.testing.js';

const NEW = 'lead_01HXVB0004';
const CONVERTED = 'lead_01HXVB0002';

/** A Recca that refuses this call: its second copy, where the first one was executed, or the only one. */
function refusing(path: string, answer: { status: number; body: unknown }, wasExecuted: boolean): Stage {
  const simulator = reccaSimulator.create();
  return {
    adapter: recca,
    factory: reccaSimulator,
    context,
    simulator: {
      state: () => simulator.state(),
      handle: request => {
        const isIt = request.path.endsWith(path);
        if (!isIt || wasExecuted) {
          const executed = simulator.handle(request);
          return isIt ? answer : executed;
        }
        return answer;
      },
    },
  };
}

describe('Recca: a refused sale', () => {
  const register = (
    answer: { status: number; body: unknown },
    { wasExecuted = true, leadRef = NEW } = {},
  ) => {
    const stage = refusing('/register', answer, wasExecuted);
    return () => play(stage, createConversion.run(saleTo(leadRef), context));
  };
  const refusals = [
    [400, { error: { code: 'BAD_LEAD', message: 'no' } }],
    [403, { error: { code: 'LEAD_CLOSED', message: 'lead is closed' } }],
    [404, { error: { code: 'LEAD_NOT_FOUND', message: 'no open lead' } }],
    [404, { error: 'No order exists for this lead' }],
    [410, { error: 'gone' }],
    [422, { error: { code: 'WINDOW_EXPIRED', message: 'no' } }],
    [200, { success: false, message: 'no' }],
  ] as const;

  it.each(refusals)('is not told as refused if its lead has been converted since: %i %j', (status, body) => {
    expect(register({ status, body })).toThrow(Unanswered);
  });

  it.each(refusals)('is told as refused if its lead is what it was: %i %j', (status, body) => {
    expect(register({ status, body }, { wasExecuted: false })).toThrow(Refusal);
    expect(register({ status, body }, { leadRef: CONVERTED })).toThrow(Refusal);
  });

  it.each([
    [
      422,
      { message: 'The given data was invalid.', errors: { external_order_id: ['has already been taken'] } },
    ],
    [422, { error: { code: 'DUPLICATE_ORDER', message: 'no' } }],
    [400, { error: 'external_order_id already exists' }],
    [400, { error: { message: 'Такой заказ уже зарегистрирован' } }],
    [200, { statusCode: 409, message: 'no' }],
    [200, { success: false, message: 'order-42 is already registered' }],
    [400, 'The order already exists'],
  ])('is not told as refused where its order is known: %i %j', (status, body) => {
    for (const leadRef of [NEW, CONVERTED])
      expect(register({ status, body }, { wasExecuted: false, leadRef })).toThrow(Unanswered);
  });

  it('is told as refused by what no sale changes, without another call', () => {
    let reads = 0;
    const body = { error: { code: 'MISSING_TENANT_SCOPE', message: 'no' } };
    for (const status of [401, 403]) {
      const stage = refusing('/register', { status, body }, true);
      const wire: Stage['wire'] = (answer, { method }) => (method === 'GET' && reads++, answer);
      const sale = createConversion.run(saleTo(NEW), context);
      expect(() => play({ ...stage, wire }, sale)).toThrow(Refusal);
    }
    expect(reads).toBe(2);
  });

  it('is told as refused where its lead cannot be read again', () => {
    const stage = refusing('/register', { status: 400, body: { error: 'no' } }, true);
    let reads = 0;
    const wire: Stage['wire'] = (answer, { method }) =>
      method === 'GET' && reads++ > 0 ? { status: 502, body: '' } : answer;
    expect(() => play({ ...stage, wire }, createConversion.run(saleTo(NEW), context))).toThrow(Refusal);
  });
});

describe('Recca: a refused lead', () => {
  // The referrer has an older lead of this first name.
  const lead: LeadAsk = { referrer: saleTo(NEW).referrer!, contact: { name: 'Мария Попова' } };
  type Answer = { status: number; body: unknown };
  const submit = (answer: Answer, wasExecuted: boolean, wire?: Stage['wire']) => () =>
    play({ ...refusing('/federation/v1/leads', answer, wasExecuted), wire }, createLead.run(lead, context));
  const refusals = [
    [409, { error: { code: 'LEAD_EXISTS', message: 'no' } }],
    [422, { errors: { 'contact.phone': ['has already been taken'] } }],
    [400, { error: 'Lead already converted' }],
    [200, { success: false, message: 'Такой лид уже есть' }],
  ] as const;

  it.each(refusals)('is not told as refused if it is among the leads since: %i %j', (status, body) =>
    expect(submit({ status, body }, true)).toThrow(Unanswered),
  );

  it.each(refusals)('is told as refused if it is not: %i %j', (status, body) =>
    expect(submit({ status, body }, false)).toThrow(Refusal),
  );

  /** The leads can be read once, or never. */
  const readable = (times: number): Stage['wire'] => {
    let reads = 0;
    return (answer, { method }) =>
      method === 'GET' && reads++ >= times ? { status: 403, body: { error: 'no' } } : answer;
  };

  it.each([0, 1])('is told as refused by no conflict where its leads cannot be read: %i reads', times => {
    for (const conflict of [
      { status: 409, body: { error: 'exists' } },
      { status: 400, body: { error: 'This contact is already converted into a lead' } },
    ])
      expect(submit(conflict, true, readable(times))).toThrow(Unanswered);
    const other = { status: 400, body: { error: 'bad phone' } };
    expect(submit(other, true, readable(times))).toThrow(Refusal);
  });

  it('is told as refused by what no lead changes, without another call', () => {
    const answer = { status: 403, body: { error: { code: 'PRODUCT_PAUSED', message: 'no' } } };
    expect(submit(answer, true)).toThrow(Refusal);
  });
});

describe('Recca: a refused registration', () => {
  const register = (refusals: number, answer: { status: number; body: unknown }) => {
    let calls = 0;
    const stage = refusing('/none', answer, true);
    const wire: Stage['wire'] = executed => (calls++ < refusals ? answer : executed);
    const asked = createCustomer.run({ externalId: 'crm-1' }, context);
    return { result: () => play({ ...stage, wire }, asked), calls: () => calls };
  };

  it.each([
    [409, { error: 'exists' }],
    [422, { errors: { external_id: ['has already been taken'] } }],
  ])('is repeated once where the person is known: %i %j', (status, body) => {
    const once = register(1, { status, body });
    expect(once.result()).toMatchObject({ externalId: 'crm-1' });
    const twice = register(2, { status, body });
    expect(twice.result).toThrow(Refusal);
    expect(twice.calls()).toBe(2);
  });

  it('is not repeated for another reason', () => {
    const { result, calls } = register(1, { status: 422, body: { error: 'bad e-mail' } });
    expect(result).toThrow(Refusal);
    expect(calls()).toBe(1);
  });
});
