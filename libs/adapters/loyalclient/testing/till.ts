import { Refusal, money } from '#canonical';
import type { OperationAsks, OperationKind, PurchaseAsk, PurchaseData } from '#canonical';
import { interpret, readWire } from '#adapter-kit';
import type { Exchange, HoldStanding, PlanRun, Steps, Supported, Verdict, WriteBeside } from '#adapter-kit';
import { balanceDelta } from '../balance-delta.js';
import { probeHold } from '../hold-probe.js';
import { loyalclient } from '../loyalclient.adapter.js';
import { LoyalClientSettings } from '../settings.js';
import { loyalclientSimulator } from '../simulator.js';
import type { LoyalClientOptions } from '../simulator.js';

const now = new Date('2026-01-15T12:00:00.000Z');
/** Roubles. */
export const rub = (amount: string) => money(amount, 'RUB');
/** The demo client, by phone. */
export const anna = { type: 'phone', value: '+79031234567' } as const;
/** The demo client’s id. */
export const annaId = '62ac00000000000000000001';

/** Plays plans against one simulator, as the gateway would, and records which exchanges were sent. */
export class Till {
  readonly sent: string[] = [];
  readonly before: Record<string, unknown> = {};
  /** A proxy sends each purchase twice, and passes on the second answer. */
  repeats = false;
  /** When an earlier attempt sent the purchase, if it may have had its effect. */
  firstSentAt: Date | undefined;
  /** What else moved the balance before a look, as the gateway knows it. */
  beside: WriteBeside | undefined;
  private readonly simulator;
  private readonly settings;

  constructor(options: LoyalClientOptions = {}, settings: Partial<LoyalClientSettings> = {}) {
    this.simulator = loyalclientSimulator.create(options);
    this.settings = Object.assign(new LoyalClientSettings(), { defaultPoint: 'shop-1' }, settings);
  }

  does<K extends OperationKind>(kind: K, ask: OperationAsks[K]): unknown {
    const { does } = loyalclient.operations[kind] as Supported<K>;
    return this.play(
      (does as Steps).run(ask, { settings: this.settings, now, firstSentAt: this.firstSentAt }),
      this.before,
    );
  }

  /** What a look shows so many milliseconds after the answer was lost. */
  judges(ask: PurchaseAsk, disturbed = this.beside !== undefined, lostForMs = 0): Verdict<PurchaseData> {
    const sentAt = new Date(now.getTime() - lostForMs);
    const times = { firstSentAt: sentAt, lastSentAt: sentAt, repeats: 0, tries: 2 };
    const known = { before: { ...this.before }, disturbed, beside: this.beside };
    return this.play(balanceDelta.run(ask, { settings: this.settings, now, ...known, ...times }));
  }

  /** Checks whether a hold of the demo client is still active. */
  probes(refs: Record<string, string>, points: string): HoldStanding {
    const ask = { hold: { refs, points }, customer: { clientId: annaId } };
    return this.play(probeHold.run(ask, { settings: this.settings, now }));
  }

  /** Books a purchase of another till and ignores the answer. */
  elsewhere(amount: number, spend: number, { client = annaId, point = 'shop-3' } = {}): void {
    this.post('retail', { client, point, amount, spend });
  }

  private play<T>(run: PlanRun<T>, saved: Record<string, unknown> = {}): T {
    let step = run.next();
    while (!step.done) {
      const { exchange, ask } = step.value;
      this.sent.push(exchange.name);
      try {
        const result = this.send(exchange, ask);
        saved[exchange.name] = result;
        step = run.next(result);
      } catch (error) {
        step = run.throw(error);
      }
    }
    return step.value;
  }

  private send(exchange: Exchange, ask: unknown): unknown {
    const context = { settings: this.settings as never, now };
    const { path, json } = exchange.request(ask, context);
    if (this.repeats && exchange.name === 'retail') this.post('retail', json);
    const { status, body } = this.post(path.replace('/integration/general/', ''), json);
    const answer = readWire(status, {}, Buffer.from(JSON.stringify(body)));
    const meaning = interpret(loyalclient, exchange, answer, ask, context);
    if (meaning.kind === 'done') return meaning.result;
    throw meaning.kind === 'refused' ? meaning.refusal : new Error(meaning.kind);
  }

  private post(call: string, json: unknown) {
    const headers = { apikey: loyalclientSimulator.demo.credentials['apiKey']! };
    const path = `/integration/general/${call}`;
    const request = {
      method: 'POST',
      path,
      query: new URLSearchParams(),
      headers,
      body: JSON.stringify(json),
      now,
    };
    return this.simulator.handle(request);
  }
}

/** A purchase of 1,000 roubles by the demo client. */
export const purchase = (more: Partial<PurchaseAsk> & { redeemPoints?: string } = {}): PurchaseAsk => {
  const { redeemPoints, ...rest } = more;
  const receipt = { total: rub('1000.00'), ...(redeemPoints && { redeemPoints }) };
  return { subject: { identifier: anna }, merchantReference: 'order-1', receipt, holds: [], ...rest };
};

/** The code of the refusal, and the exchanges sent before it. */
export function refusedCode(till: Till, act: () => unknown): [string, ...string[]] {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return [error.code, ...till.sent];
  }
  throw new Error('It was not refused.');
}
