import { defineSimulator } from '#adapter-kit/testing';
import type { Effect, SimulatedAnswer, SimulatedRequest, Simulator } from '#adapter-kit/testing';
import { Complaint, refused, usualDialect } from './simulator/dialect.js';
import type { LoyalClientDialect } from './simulator/dialect.js';
import { dialects } from './simulator/dialects.js';
import { Ledger } from './simulator/ledger.js';
import type { Till } from './simulator/ledger.js';
import { Body } from './simulator/request.js';
import { demoKey, points } from './simulator/seed.js';

/** The options of a run; the defaults are in `usualDialect`. */
export type LoyalClientOptions = Partial<LoyalClientDialect> & { apiKey?: string };

type Done = { body: Record<string, unknown>; effect?: Effect };
type Call = (ledger: Ledger, body: Body, now: Date) => Done;

const tillOf = (ledger: Ledger, body: Body): Till => ({
  point: ledger.point(body.text('point')),
  client: ledger.client(body.text('client')),
  named: body.texts('hold'),
});

function client(ledger: Ledger, body: Body): Done {
  ledger.point(body.text('point'));
  const named = body.texts('hold');
  const found = ledger.find(body.text('search'));
  const { id, name, photo, birthday, level, phone, email } = found;
  const balance = ledger.available({ client: found, named });
  return { body: { client: { id, name, photo, birthday, level, phone, email, balance } } };
}

function recalc(ledger: Ledger, body: Body): Done {
  const till = tillOf(ledger, body);
  return { body: { recalc: ledger.recalc(till, ledger.sum('amount', body.number('amount', 0.01))) } };
}

function hold(ledger: Ledger, body: Body, now: Date): Done {
  const { client, point } = tillOf(ledger, body);
  const amount = ledger.sum('amount', body.number('amount', 0.01));
  const held = ledger.hold({ client, point, named: [] }, amount, body.minutes('duration'), now);
  const { id, until } = held;
  return {
    body: { held: { id, until, amount } },
    effect: { type: 'hold', id, data: { client: client.id, point: point.id, amount: `${amount}`, until } },
  };
}

function release(ledger: Ledger, body: Body): Done {
  const id = body.text('id');
  const existed = ledger.release(id);
  return { body: {}, ...(existed && { effect: { type: 'release', id } }) };
}

function retail(ledger: Ledger, body: Body): Done {
  const till = tillOf(ledger, body);
  const requested = ledger.sum('amount', body.number('amount', 0.01));
  const booked = ledger.retail(till, requested, ledger.sum('spend', body.number('spend', 0)));
  const { number, amount, total, percent, type, spend, earn, endedHolds } = booked;
  const result = { amount, total, percent, type, ...(spend > 0 ? { spend } : { earn }) };
  const sums = { amount: `${amount}`, total: `${total}`, spend: `${spend}`, earn: `${earn}` };
  const data = { client: till.client.id, point: till.point.id, ...sums, endedHolds };
  return { body: { retail: result }, effect: { type: 'purchase', id: `${number}`, data } };
}

const calls: Record<string, Call> = {
  '/integration/general/client': client,
  '/integration/general/recalc': recalc,
  '/integration/general/bonuses/hold': hold,
  '/integration/general/bonuses/release': release,
  '/integration/general/retail': retail,
};

class LoyalClientSimulator implements Simulator {
  private readonly ledger: Ledger;
  private readonly dialect: LoyalClientDialect;
  private readonly apiKey: string;

  constructor({ apiKey = demoKey, ...dialect }: LoyalClientOptions, firstNumber: number) {
    this.apiKey = apiKey;
    this.dialect = { ...usualDialect, ...dialect };
    this.ledger = new Ledger(this.dialect, firstNumber);
  }

  handle({ method, path, headers, body, now }: SimulatedRequest): SimulatedAnswer {
    try {
      const call = method === 'POST' && Object.hasOwn(calls, path) ? calls[path] : undefined;
      if (!call) throw new Complaint('url', 'Not found.', 404);
      if (headers['apikey'] !== this.apiKey)
        throw new Complaint('apikey', 'Wrong apikey.', this.dialect.badKey);
      this.ledger.passTo(now);
      const done = call(this.ledger, new Body(body), now);
      return { status: 200, body: { success: true, ...done.body }, effect: done.effect };
    } catch (error) {
      if (error instanceof Complaint) return refused(error, this.dialect);
      throw error;
    }
  }

  state(): unknown {
    const { clients, holds, booked } = this.ledger;
    return { dialect: this.dialect, points, clients, holds, booked };
  }
}

/** Simulates LoyalClient by its documentation; `LoyalClientOptions` decides what that leaves open. */
export const loyalclientSimulator = defineSimulator<LoyalClientOptions>({
  provider: 'loyalclient',
  basePath: '',
  demo: { credentials: { apiKey: demoKey }, settings: { defaultPoint: points[0]!.id } },
  credentialIn: ['apikey'],
  dialects,
  cast: { buyer: { type: 'card', value: '2000000000024' } },
  create: (options = {}, firstNumber = 0) => new LoyalClientSimulator(options, firstNumber),
});
